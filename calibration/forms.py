"""What a lead types to freeze a release."""

from typing import Any

from django import forms

from reviews.queries.queues import QueueFacts


class FreezeForm(forms.Form):
    override = forms.CharField(
        label="Reason to freeze all the same",
        help_text="Only where something stands in the way. It stays in the manifest "
        "of the release for ever.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NewSetForm(FreezeForm):
    name = forms.SlugField(
        label="Name",
        help_text="Letters, digits, - and _. Releases are cited as name@version.",
        max_length=80,
    )
    queue = forms.ChoiceField(label="Queue")

    field_order = ("name", "queue", "override")

    def __init__(self, queues: list[QueueFacts], *args: Any) -> None:
        super().__init__(*args)
        choices = [(queue.slug, queue.title) for queue in queues]
        self.fields["queue"] = forms.ChoiceField(label="Queue", choices=choices)


class StandingForm(forms.Form):
    """A lead's decision about one reviewer, whatever the rule says."""

    handle = forms.CharField(label="Reviewer", max_length=150)
    state = forms.ChoiceField(
        label="Standing",
        choices=[
            ("CLEAR", "Clear: goes on as before"),
            ("WATCH", "Watch: goes on, and we look again"),
            ("SUSPENDED", "Suspended: is dealt nothing more"),
        ],
    )
    reason = forms.CharField(
        label="Why",
        help_text="Stays on record. The reviewer does not see it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
