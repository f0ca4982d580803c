"""What a judgment may carry besides its ratings. Append-only, like the judgment."""

from django.db import models
from django.utils.translation import gettext_noop as _

from labeling.models.judgments import Judgment


class FailureTag(models.Model):
    """What went wrong, in the reviewer's own few words, normalised."""

    judgment = models.ForeignKey(Judgment, models.PROTECT, related_name="failure_tags")
    tag = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "tag"], name="failuretag_once_per_judgment"
            ),
            models.CheckConstraint(
                condition=~models.Q(tag=""), name="failuretag_has_words"
            ),
        ]

    def __str__(self) -> str:
        return self.tag


class Correction(models.Model):
    """What a response should have been, as the reviewer wrote it."""

    judgment = models.ForeignKey(Judgment, models.PROTECT, related_name="corrections")
    # In the ingested order, from 1, whatever side it stood on.
    response = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "response"], name="correction_once_per_response"
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") & models.Q(response__gte=1),
                name="correction_has_text",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class Place(models.TextChoices):
    """Which texts of an item can be marked."""

    MESSAGE = "MESSAGE", _("message")
    PASSAGE = "PASSAGE", _("passage")
    STEP = "STEP", _("step")
    RESPONSE = "RESPONSE", _("response")


class Span(models.Model):
    """A part of an item's text that the reviewer marked.

    `start` and `end` count the characters of the masked text as it was ingested, not
    as Markdown shows it, so that `quote` is what stands there: the trigger
    `span_quotes_its_text` holds it to that.
    """

    judgment = models.ForeignKey(Judgment, models.PROTECT, related_name="spans")
    place = models.CharField(max_length=8, choices=Place)
    # Of the message, passage, step or response (in the ingested order), from 1.
    number = models.PositiveSmallIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    tag = models.CharField(max_length=80, blank=True, default="")
    note = models.TextField(blank=True, default="")
    # A claim, and the number of the passage that supports it: none where none does.
    is_claim = models.BooleanField(default=False)
    passage = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__in=Place.values), name="span_place_known"
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="span_has_length"
            ),
            models.CheckConstraint(
                condition=models.Q(passage__isnull=True) | models.Q(is_claim=True),
                name="span_passage_supports_a_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"span {self.pk}"
