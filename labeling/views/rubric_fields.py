"""The fields of the rubric editor: a sheet, laid out, with its faults in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.formats.rubric_sheets import (
    CRITERION,
    EXAMPLE,
    FLAGS,
    HEAD,
    OPTION,
    RANGE,
    Sheet,
    waits_for,
)
from labeling.formats.rubrics import ALPHA_LEVELS, LEVELS, WITH_OPTIONS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEVEL_WORDS = {
    "nominal": _("One of several, in no order"),
    "ordinal": _("One of several, from worst to best"),
    "interval": _("A number"),
    "pairwise": _("Which response is better"),
    "multi-label": _("Any number of labels"),
    "text": _("A note in words"),
}
RATIONALE_WORDS = [
    ("", _("May be given")),
    ("required", _("Must be given")),
    ("never", _("Is not asked for")),
]


class PartForm(forms.Form):
    """Fields that take anything: the reader of rubric files is the one who checks."""

    def __init__(self, data: Mapping[str, Any], prefix: str | None = None) -> None:
        super().__init__(data=data, prefix=prefix, auto_id="%s")
        for field in self.fields.values():
            field.required = False
        self.full_clean()


def _line(
    label: StrOrPromise, hint: StrOrPromise = "", **attrs: Any
) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off", **attrs})
    return forms.CharField(label=label, help_text=hint, widget=widget)


def _lines(
    label: StrOrPromise, hint: StrOrPromise = "", rows: int = 2
) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": rows})
    return forms.CharField(label=label, help_text=hint, widget=widget, strip=False)


def _choice(
    label: StrOrPromise, choices: Any, hint: StrOrPromise = ""
) -> forms.CharField:
    widget = forms.Select(choices=choices, attrs={"class": "input"})
    return forms.CharField(label=label, help_text=hint, widget=widget)


class HeadForm(PartForm):
    title = _line(_("Title"))
    guidance = _lines(
        _("Guidelines"),
        _("Markdown. Open before a reviewer's first item, and on the key g."),
        rows=8,
    )


class OptionForm(PartForm):
    title = _line(_("Reads"))
    value = _line(_("Stored as"))
    anchor = _lines(_("Anchor: when it is the right choice"), rows=1)
    rationale = forms.BooleanField(label=_("asks for a reason"))


class CriterionForm(PartForm):
    title = _line(_("Question or title"))
    guidance = _lines(_("Guidance"), _("Markdown, under the title."))
    level = _choice(_("Scale"), [(level, LEVEL_WORDS[level]) for level in LEVELS])
    key = _line(
        _("Key"),
        _("In files and exports. Another key is another criterion to agreement."),
    )
    rationale = _choice(_("Reason"), RATIONALE_WORDS)
    required = forms.BooleanField(label=_("Must be answered"))
    per_step = forms.BooleanField(label=_("Of a trace, rated for each step"))
    minimum = _line(_("From"), inputmode="decimal")
    maximum = _line(_("To"), inputmode="decimal")
    step = _line(_("In steps of"), inputmode="decimal")

    alpha = _choice(_("Alpha is measured at"), ())

    def __init__(self, data: Mapping[str, Any], prefix: str, level: str) -> None:
        super().__init__(data, prefix)
        levels = ALPHA_LEVELS.get(level, ())
        self.fields["alpha"].widget = forms.Select(
            choices=[(one, one) for one in levels], attrs={"class": "input"}
        )


class ExampleForm(PartForm):
    title = _line(_("Title"))
    text = _lines(
        _("What was judged"), _("Markdown: the question and the answer."), rows=5
    )
    why = _lines(_("Why it is rated so"), rows=2)


@dataclass(frozen=True)
class Box:
    id: str
    value: str
    label: str
    is_checked: bool


@dataclass(frozen=True)
class BoxGroup:
    """The answers to one earlier criterion that a criterion may wait for."""

    name: str
    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class OptionPart:
    id: str
    number: int
    form: OptionForm


@dataclass(frozen=True)
class CriterionPart:
    id: str
    number: int
    level: str
    level_words: str
    form: CriterionForm
    options: tuple[OptionPart, ...]
    conditions: tuple[BoxGroup, ...]
    # Of the options as a whole, and of the condition.
    option_errors: tuple[str, ...]
    condition_errors: tuple[str, ...]

    @property
    def title(self) -> str:
        return str(self.form["title"].value() or _("New criterion"))

    @property
    def has_alpha(self) -> bool:
        return len(ALPHA_LEVELS.get(self.level, ())) > 1

    @property
    def opens_more(self) -> bool:
        """Whether something out of the ordinary is said under "More"."""
        form = self.form
        names = ("key", "rationale", "required", "per_step", "alpha")
        return bool(
            self.condition_errors
            or any(form[name].errors for name in names)
            or any(box.is_checked for group in self.conditions for box in group.boxes)
        )


@dataclass(frozen=True)
class ExamplePart:
    id: str
    number: int
    form: ExampleForm
    ratings: tuple[forms.BoundField, ...]

    @property
    def title(self) -> str:
        return str(self.form["title"].value() or _("New example"))


@dataclass(frozen=True)
class EditorFields:
    head: HeadForm
    criteria: tuple[CriterionPart, ...]
    examples: tuple[ExamplePart, ...]
    levels: tuple[tuple[str, str], ...]
    # Where the first of them stands in the page, and what is wrong.
    faults: tuple[tuple[str, str], ...]


def lay_out(sheet: Sheet, faults: list[str]) -> EditorFields:
    """`faults` are those of the reader of rubric files: "path: what was expected"."""
    places = [_place(fault, sheet) for fault in faults]
    found: dict[str, list[str]] = {}
    for place, message in places:
        found.setdefault(place, []).append(message)
    head = HeadForm({key: sheet[key] for key in HEAD})
    _put_errors(head, found)
    return EditorFields(
        head=head,
        criteria=tuple(
            _criterion(sheet, number, found)
            for number in range(1, len(sheet["criteria"]) + 1)
        ),
        examples=tuple(
            _example(sheet, number, found)
            for number in range(1, len(sheet["examples"]) + 1)
        ),
        levels=tuple((level, str(words)) for level, words in LEVEL_WORDS.items()),
        faults=tuple(places),
    )


PATH = re.compile(r"(\w+)(?:\[(\d+)\])?")


def _place(fault: str, sheet: Sheet) -> tuple[str, str]:
    """The id of the field that a fault is about, and its message."""
    path, _, message = fault.partition(": ")
    parts = [part for pair in PATH.findall(path) for part in pair if part]
    if parts[:1] == ["example"] and "ratings" in parts:
        keys = [criterion["key"] for criterion in sheet["criteria"]]
        key = path.rpartition(".")[2]
        number = keys.index(key) + 1 if key in keys else 0
        parts = ["example", parts[1], "rating", str(number)]
    if "only_if" in parts:
        parts = parts[: parts.index("only_if") + 1]
    return "-".join(parts), message


def _put_errors(form: forms.Form, found: Mapping[str, list[str]]) -> None:
    for name in form.fields:
        for message in found.get(form.add_prefix(name), []):
            form.add_error(name, _sentence(message))


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."


def _data(part: Mapping[str, Any], prefix: str, names: Any, flags: Any) -> Any:
    data = {f"{prefix}-{name}": part[name] for name in names}
    return data | {f"{prefix}-{name}": "on" for name in flags if part[name]}


def _criterion(
    sheet: Sheet, number: int, found: Mapping[str, list[str]]
) -> CriterionPart:
    criterion, name = sheet["criteria"][number - 1], f"criterion-{number}"
    data = _data(criterion, name, (*CRITERION, *RANGE), FLAGS)
    form = CriterionForm(data, name, criterion["level"])
    _put_errors(form, found)
    level = criterion["level"]
    has_options = level == "pairwise" or level in WITH_OPTIONS
    options = criterion["options"] if has_options else []
    return CriterionPart(
        id=name,
        number=number,
        level=level,
        level_words=str(LEVEL_WORDS.get(level, "")),
        form=form,
        options=tuple(
            _option(option, f"{name}-option-{place}", place, found)
            for place, option in enumerate(options, start=1)
        ),
        conditions=tuple(_conditions(sheet["criteria"], number)),
        option_errors=tuple(map(_sentence, found.get(f"{name}-option", []))),
        condition_errors=tuple(map(_sentence, found.get(f"{name}-only_if", []))),
    )


def _option(
    option: Sheet, name: str, number: int, found: Mapping[str, list[str]]
) -> OptionPart:
    form = OptionForm(_data(option, name, OPTION, ("rationale",)), name)
    _put_errors(form, found)
    return OptionPart(name, number, form)


def _conditions(criteria: list[Sheet], number: int) -> list[BoxGroup]:
    wanted = criteria[number - 1]["only_if"]
    return [
        _group(f"criterion-{number}-only_if-{place}", one, wanted)
        for place, one in waits_for(criteria, number)
    ]


def _group(name: str, criterion: Sheet, wanted: Mapping[str, Any]) -> BoxGroup:
    is_wanted = wanted.get("criterion") == criterion["key"]
    return BoxGroup(
        name=name,
        title=criterion["title"] or criterion["key"],
        boxes=tuple(
            Box(
                id=f"{name}-{place}",
                value=str(place),
                label=option["title"] or option["value"],
                is_checked=is_wanted and option["value"] in wanted["values"],
            )
            for place, option in enumerate(criterion["options"], start=1)
            if criterion["level"] != "pairwise" or option["value"] == "tie"
        ),
    )


def _example(sheet: Sheet, number: int, found: Mapping[str, list[str]]) -> ExamplePart:
    example, name = sheet["examples"][number - 1], f"example-{number}"
    data = _data(example, name, EXAMPLE, ())
    form = ExampleForm(data, name)
    for place, criterion in enumerate(sheet["criteria"], start=1):
        form.fields[f"rating-{place}"] = _rating_field(criterion)
        given = example["ratings"].get(criterion["key"], "")
        data[f"{name}-rating-{place}"] = _numbers_of(criterion, given)
    form.full_clean()
    _put_errors(form, found)
    ratings = tuple(field for field in form if field.name.startswith("rating-"))
    return ExamplePart(name, number, form, ratings)


def _rating_field(criterion: Sheet) -> forms.Field:
    label = criterion["title"] or criterion["key"]
    options = [
        (str(place), option["title"] or option["value"])
        for place, option in enumerate(criterion["options"], start=1)
    ]
    field: forms.Field
    match criterion["level"]:
        case "multi-label":
            boxes = forms.CheckboxSelectMultiple
            field = forms.MultipleChoiceField(
                label=label, choices=options, widget=boxes
            )
        case "interval" | "text":
            field = _line(label)
        case _:
            field = _choice(label, [("", _("not said")), *options])
    field.required = False
    return field


def _numbers_of(criterion: Sheet, given: Any) -> Any:
    """Options by their numbers, so that they follow what they stand for."""
    if criterion["level"] in ("interval", "text"):
        return given
    values = given if isinstance(given, list) else [given]
    numbers = [
        str(place)
        for place, option in enumerate(criterion["options"], start=1)
        if option["value"] in values
    ]
    return numbers if criterion["level"] == "multi-label" else "".join(numbers[:1])
