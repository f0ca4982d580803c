"""The form of a queue: what it takes, under which rubric, by whom, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.queries.queue_setup import SetUpChoices
from labeling.services.queue_setup import Plan
from reviews.services.queue_files import (
    NUMBERS,
    STAKES,
    QueueSpec,
    leaves_a_choice,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LARGEST_UPLOAD = 50_000_000
SUFFIXES = {".jsonl": None, ".ndjson": None, ".csv": ",", ".tsv": "\t"}
KIND_WORDS = [
    ("SINGLE", _("one answer")),
    ("PAIR", _("two or more answers to compare")),
    ("TRACE", _("runs of an agent")),
]
GRANTS = [
    ("APPROVE", _("approve")),
    ("REJECT", _("reject")),
    ("REVISE", _("revise: give a corrected text")),
    ("ESCALATE", _("escalate to you")),
]
SEATS = [
    ("", _("not on the panel")),
    ("primary", _("reviewer")),
    ("backup", _("backup")),
]
# Of those who are more than reviewers.
ROLES = {"lead": _("lead"), "admin": _("admin")}
TIERS = {
    "critical": _("Critical"),
    "high": _("High"),
    "medium": _("Medium"),
    "low": _("Low"),
}
ROUTINGS = [
    ("everything", _("Everything in the file, and what no queue has taken so far")),
    ("policy", _("What the project's triage policy sends here")),
]


def _number(name: str, label: StrOrPromise, hint: StrOrPromise = "") -> forms.Field:
    kind, least, most = NUMBERS[name]
    attrs = {"class": "input", "autocomplete": "off", "step": "any"}
    if kind is float:
        return forms.FloatField(
            label=label,
            help_text=hint,
            min_value=least,
            max_value=most,
            widget=forms.NumberInput(attrs=attrs),
        )
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=int(least),
        max_value=int(most),
        widget=forms.NumberInput(attrs=attrs | {"step": "1"}),
    )


class QueueForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        label=_("Name of the queue"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    rubric = forms.ChoiceField(
        label=_("Rubric"), widget=forms.Select(attrs={"class": "input"})
    )
    people = forms.CharField(
        required=False,
        label=_("Add people"),
        help_text=_(
            "One account name a line. Who has no account gets one, with a password that the next page shows once."
        ),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    kinds = forms.MultipleChoiceField(
        choices=KIND_WORDS,
        label=_("Takes"),
        error_messages={"required": _("Choose at least one.")},
        widget=forms.CheckboxSelectMultiple,
    )
    overlap = _number(
        "overlap", _("Judgments for each item"), _("Two show whether people agree.")
    )
    batch_size = _number("batch_size", _("Items in a batch"), _("One sitting."))
    gold_rate = _number(
        "gold_rate",
        _("Share of gold"),
        _("Of a batch, unseen; 0 to 0.5. Takes effect once there are gold cases."),
    )
    retest_rate = _number(
        "retest_rate",
        _("Share of retests"),
        _("Items that a reviewer rates again, unaware."),
    )
    qualification_size = _number(
        "qualification_size",
        _("Gold cases in a qualification"),
        _(
            "Before anything else a reviewer judges so many, and is told how it went. 0: none."
        ),
    )
    qualification_pass = _number(
        "qualification_pass",
        _("Right answers to pass"),
        _("A share: 0.8 is four of five."),
    )
    daily_cap = _number("daily_cap", _("Items a day for one reviewer"))
    queue_daily_cap = _number(
        "queue_daily_cap", _("Items a day for all"), _("Empty: no limit.")
    )
    lease_minutes = _number(
        "lease_minutes",
        _("Minutes for a batch"),
        _("Then what is left goes to others."),
    )
    plain_text = forms.BooleanField(
        required=False,
        label=_("Texts without formatting, which is a cue to their author"),
    )
    authority = forms.MultipleChoiceField(
        required=False,
        choices=GRANTS,
        label=_("Besides rating, reviewers may"),
        widget=forms.CheckboxSelectMultiple,
    )
    agreement_bar = _number(
        "agreement_bar", _("Agreement bar"), _("Under it, freezing asks for a reason.")
    )

    def __init__(
        self,
        choices: SetUpChoices,
        spec: QueueSpec,
        rubric: str = "",
        data: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> None:
        super().__init__(
            data, files, initial=_initial(spec, rubric, choices), auto_id="%s"
        )
        self.spec = spec
        self.handles = [handle for handle, _ in choices.people]
        self.fields["rubric"].choices = list(choices.rubrics)  # type: ignore[attr-defined]
        self.fields["queue_daily_cap"].required = False
        for stakes in STAKES:
            self.fields[f"sla_{stakes}"] = _hours(stakes)
        for handle, role in choices.people:
            self.fields[f"seat_{handle}"] = _seat(handle, role)

    @property
    def seats(self) -> list[forms.BoundField]:
        return [self[f"seat_{handle}"] for handle in self.handles]

    @property
    def hours(self) -> list[forms.BoundField]:
        return [self[f"sla_{stakes}"] for stakes in STAKES]

    def clean(self) -> dict[str, Any]:
        hours = [self.cleaned_data.get(f"sla_{stakes}") for stakes in STAKES]
        if any(hours) and not all(hours):
            self.add_error("sla_critical", _("Give hours for every tier, or for none."))
        if not leaves_a_choice(self.cleaned_data.get("authority", ())):
            self.add_error(
                "authority",
                _("Grant approve too: without it a good answer has no decision."),
            )
        return self.cleaned_data

    def plan(self) -> Plan:
        given = self.cleaned_data
        hours = tuple(given[f"sla_{stakes}"] for stakes in STAKES)
        spec = replace(
            self.spec,
            title=given["title"],
            kinds=tuple(given["kinds"]),
            reviewers=self._seated("primary"),
            backups=self._seated("backup"),
            sla_hours=hours if all(hours) else (),
            plain_text=given["plain_text"],
            authority=tuple(one for one, _ in GRANTS if one in given["authority"]),
            **{name: given[name] for name in NUMBERS if name in given},
        )
        people = tuple(dict.fromkeys(given["people"].split()))
        return Plan(spec=spec, rubric=given["rubric"], people=people)

    def _seated(self, seat: str) -> tuple[str, ...]:
        return tuple(
            handle
            for handle in self.handles
            if self.cleaned_data[f"seat_{handle}"] == seat
        )

    def refuse(self, field: str, message: str) -> None:
        """Show what the services refuse next to its field."""
        if field == "sla_hours":
            field = "sla_critical"
        self.add_error(field if field in self.fields else None, message)


class NewQueueForm(QueueForm):
    file = forms.FileField(
        required=False,
        label=_("File of outputs"),
        help_text=_("JSON Lines, CSV or TSV of at most 50 MB, a line for each item."),
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )
    mapping = forms.FileField(
        required=False,
        label=_("Mapping file"),
        help_text=_("TOML that says which column is what, for any other layout."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    routing = forms.ChoiceField(
        choices=ROUTINGS, label=_("What goes to this queue"), widget=forms.RadioSelect
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload is None:
            return None
        if upload.size > LARGEST_UPLOAD:
            raise forms.ValidationError(
                _(
                    "Larger than 50 MB: split it, or send it in with `touchstone ingest`."
                )
            )
        if self.delimiter_of(upload.name) == "":
            raise forms.ValidationError(
                _("Expected a name that ends in .jsonl, .csv or .tsv.")
            )
        return upload

    def delimiter_of(self, name: str) -> str | None:
        """None for JSON Lines; empty where the name does not tell."""
        suffix = name[name.rfind(".") :].lower()
        return SUFFIXES.get(suffix, "")


def _initial(spec: QueueSpec, rubric: str, choices: SetUpChoices) -> dict[str, Any]:
    initial: dict[str, Any] = {
        name: getattr(spec, name) for name in (*NUMBERS, "plain_text")
    }
    initial |= {"title": spec.title, "kinds": list(spec.kinds), "routing": "everything"}
    initial["authority"] = list(spec.authority)
    initial["rubric"] = rubric or (choices.rubrics[0][0] if choices.rubrics else "")
    hours = spec.sla_hours or ("",) * len(STAKES)
    initial |= {f"sla_{one}": hour for one, hour in zip(STAKES, hours, strict=True)}
    initial |= {f"seat_{handle}": "primary" for handle in spec.reviewers}
    return initial | {f"seat_{handle}": "backup" for handle in spec.backups}


def _hours(stakes: str) -> forms.Field:
    return forms.IntegerField(
        required=False,
        min_value=1,
        label=TIERS[stakes],
        widget=forms.NumberInput(attrs={"class": "input", "autocomplete": "off"}),
    )


def _seat(handle: str, role: str) -> forms.Field:
    widget = forms.Select(attrs={"class": "input"})
    return forms.ChoiceField(
        required=False,
        choices=SEATS,
        label=f"{handle} ({ROLES[role]})" if role in ROLES else handle,
        widget=widget,
    )
