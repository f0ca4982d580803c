"""What reviewers wrote an output should have been, for want of a reference."""

from dataclasses import dataclass
from typing import Any

from calibration.models import CaseTerms
from labeling.models import Correction
from reviews.models import ItemKind


@dataclass(frozen=True)
class Undrafted:
    """The text of one case that has no reference yet."""

    item_id: int
    text: str
    # By which rule the case is graded now.
    grading: dict[str, Any] | None


def list_undrafted(golden_set_id: int) -> list[Undrafted]:
    """The newest correction of each item; of a pair it would be of one side."""
    corrections = (
        Correction.objects.filter(
            judgment__queue__goldenset=golden_set_id,
            judgment__counts=True,
            judgment__item__erasure__isnull=True,
        )
        .exclude(judgment__item__kind=ItemKind.PAIR)
        .order_by("judgment__item_id", "-judgment__submitted_at", "-pk")
        .distinct("judgment__item_id")
    )
    texts = dict(corrections.values_list("judgment__item_id", "text"))
    newest = (
        CaseTerms.objects.filter(golden_set=golden_set_id, item__in=texts)
        .order_by("item_id", "-pk")
        .distinct("item_id")
    )
    known = {terms.item_id: terms for terms in newest}
    return [
        Undrafted(item_id, text, known[item_id].grading if item_id in known else None)
        for item_id, text in sorted(texts.items())
        if item_id not in known or not known[item_id].reference
    ]
