"""Erasing the text of an item wherever it stands, also in releases."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Func

from calibration.formats.release import CASES, INDEX, LINEAGE, canonical
from calibration.models import CaseTerms, Feedback, GoldCase, GoldRating
from labeling.models import Level
from labeling.services.erasures import erase_words
from reviews.erasing import ERASED
from reviews.models import Erasure
from reviews.services.erasures import erase_item

# Found by the index, so that no other line has to be read. What a lineage says is
# values, but for the reasons of adjudicators.
LINES = """
UPDATE calibration_releaseline AS line
SET text = touchstone_erased_line_v1(line.text, erasure)
FROM reviews_erasure AS erasure, calibration_releaseline AS entry
JOIN calibration_release AS release ON release.id = entry.release_id
JOIN calibration_goldenset AS golden_set ON golden_set.id = release.golden_set_id
WHERE erasure.id = %(erasure)s
    AND golden_set.project_id = %(project)s
    AND entry.file = %(index)s AND substr(entry.text, 67) = %(case)s
    AND line.release_id = entry.release_id AND line.number = entry.number
    AND (line.file = %(cases)s OR line.file = %(lineage)s
        AND jsonb_path_exists(line.text::jsonb, '$.criteria.*.adjudication.reason'))
"""


@transaction.atomic
def erase_text(*, item_id: int, lead_id: int | None, reason: str, now: datetime) -> int:
    """Leave hashes, labels and structure; how many lines of releases were erased.

    Raises ErasureRefused where it was erased before.
    """
    erasure = erase_item(item_id=item_id, lead_id=lead_id, reason=reason, now=now)
    erase_words(item_id=item_id)
    GoldCase.objects.filter(item=item_id).update(rationale="")
    known = GoldRating.objects.filter(gold_case__item=item_id)
    known.filter(criterion__level=Level.TEXT).update(value=ERASED)
    Feedback.objects.filter(assignment__item=item_id).update(
        rationale="",
        answers=Func("answers", function="touchstone_erased_answers_v1"),
    )
    CaseTerms.objects.filter(item=item_id).exclude(reference="").update(
        reference=ERASED
    )
    CaseTerms.objects.filter(item=item_id).update(grading=None)
    return _erase_lines(erasure)


def _erase_lines(erasure: Erasure) -> int:
    item = erasure.item
    values: dict[str, int | str] = {
        "erasure": erasure.pk,
        "project": item.project_id,
        "index": INDEX[CASES],
        "cases": CASES,
        "lineage": LINEAGE,
        "case": canonical(item.external_id)[1:-1].decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(LINES, values)
        n_lines: int = cursor.rowcount
        return n_lines
