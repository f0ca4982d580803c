"""Erasing what people wrote about an item whose text is erased."""

from django.db import transaction
from django.db.models import Q

from labeling.models import (
    Adjudication,
    Correction,
    Draft,
    Guess,
    Judgment,
    Level,
    Rating,
    Span,
)
from reviews.erasing import ERASED


@transaction.atomic
def erase_words(*, item_id: int) -> None:
    """In the transaction that erases the item, and in no other.

    Values on scales, failure tags and the places of marks stay.
    """
    Draft.objects.filter(assignment__item=item_id).delete()
    judged = Q(judgment__item=item_id)
    Correction.objects.filter(judged).update(text=ERASED)
    Span.objects.filter(judged).update(quote=ERASED, note="")
    ratings = Rating.objects.filter(judged)
    ratings.exclude(rationale="").update(rationale="")
    ratings.filter(criterion__level=Level.TEXT).update(value=ERASED, displayed=ERASED)
    Judgment.objects.filter(item=item_id).exclude(comment="").update(comment="")
    settled = Adjudication.objects.filter(dispute__item=item_id)
    settled.update(reason=ERASED, guideline_gap="")
    Guess.objects.filter(assignment__item=item_id).exclude(clue="").update(clue="")
