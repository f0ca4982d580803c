"""What a lead types to freeze a release."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from labeling.queries.failure_modes import ModeFacts
from reviews.http import as_number
from reviews.queries.queues import QueueFacts


class FreezeForm(forms.Form):
    override = forms.CharField(
        label=_("Reason to freeze all the same"),
        help_text=_(
            "Only where something stands in the way. It stays in the manifest "
            "of the release for ever."
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ErasureForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it erased?"),
        help_text=_("Stands in every release that held the item: name nobody here."),
        max_length=500,
        error_messages={"required": _("Say why: it is all that will be left.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_confirmed = forms.BooleanField(
        label=_("I have read what goes, and it cannot be brought back."),
        error_messages={"required": _("Confirm it: nothing brings it back.")},
    )


class NewSetForm(FreezeForm):
    name = forms.SlugField(
        label=_("Name"),
        help_text=_("Letters, digits, - and _. Releases are cited as name@version."),
        max_length=80,
    )
    queue = forms.ChoiceField(label=_("Queue"))

    field_order = ("name", "queue", "override")

    def __init__(self, queues: list[QueueFacts], *args: Any) -> None:
        super().__init__(*args)
        choices = [(queue.slug, queue.title) for queue in queues]
        self.fields["queue"] = forms.ChoiceField(label=_("Queue"), choices=choices)


class SpecForm(forms.Form):
    spec = forms.CharField(
        label=_("Spec"),
        help_text=_("In TOML, as <code>compose apply</code> takes it."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )


class StandingForm(forms.Form):
    """A lead's decision about one reviewer, whatever the rule says."""

    handle = forms.CharField(label=_("Reviewer"), max_length=150)
    state = forms.ChoiceField(
        label=_("Standing"),
        choices=[
            ("CLEAR", _("Clear: goes on as before")),
            ("WATCH", _("Watch: goes on, and we look again")),
            ("SUSPENDED", _("Suspended: is dealt nothing more")),
        ],
    )
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Stays on record. The reviewer does not see it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ChosenForm(forms.Form):
    """Tags and notes that were chosen among those on the page."""

    def chosen_tags(self) -> list[str]:
        return self._chosen("tag")

    def chosen_judgments(self) -> list[int]:
        numbers = (as_number(one) for one in self._chosen("judgment"))
        return [number for number in numbers if number is not None]

    def _chosen(self, name: str) -> list[str]:
        given = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
        # The database keeps no NUL.
        return [str(one).replace("\x00", "") for one in given]


class SortingForm(ChosenForm):
    """Where chosen tags and notes go: into a failure mode, or into a new one."""

    mode = forms.ChoiceField(label=_("Into"), required=False)
    name = forms.CharField(
        label=_("or a new one called"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, modes: list[ModeFacts], *args: Any) -> None:
        super().__init__(*args)
        choices = [("", str(_("choose a failure mode")))]
        choices += [(str(mode.id), mode.name) for mode in modes]
        self.fields["mode"] = forms.ChoiceField(
            label=_("Into"), required=False, choices=choices
        )

    def clean(self) -> dict[str, Any]:
        given = [name for name in ("mode", "name") if self.cleaned_data.get(name)]
        if len(given) != 1 and not self.errors:
            self.add_error(None, _("Choose a failure mode, or name a new one."))
        elif not (self.chosen_tags() or self.chosen_judgments()):
            self.add_error(None, _("Choose at least one tag or note."))
        return self.cleaned_data


class ModeForm(ChosenForm):
    """What a failure mode is called and what it means."""

    name = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give the failure mode a name.")},
    )
    description = forms.CharField(
        label=_("What it means"),
        help_text=_("So that everybody sorts alike."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MergerForm(forms.Form):
    """The failure mode that takes all of another."""

    into = forms.ChoiceField(
        label=_("Merge into"), error_messages={"required": _("Choose a failure mode.")}
    )

    def __init__(self, modes: list[ModeFacts], *args: Any) -> None:
        super().__init__(*args)
        choices = [("", str(_("choose a failure mode")))]
        choices += [(str(mode.id), mode.name) for mode in modes]
        self.fields["into"].choices = choices  # type: ignore[attr-defined]
