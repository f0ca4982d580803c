"""What changed from one version of a rubric to another, word by word."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

Part = Literal["same", "gone", "new"]
State = Literal["added", "removed", "changed", "moved"]

WORDS = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
LINES = re.compile(r"[^\n]*\n|[^\n]+")
# Above so many words, lines are compared: a page must not wait for it.
MOST_WORDS = 4000

# What a criterion says of itself, as people call it.
NAMES = {
    "key": _("Key"),
    "title": _("Title"),
    "guidance": _("Guidance"),
    "level": _("Scale"),
    "required": _("Required"),
    "alpha": _("Alpha measured at"),
    "rationale": _("Reason"),
    "per_step": _("Rated for each step"),
    "only_if": _("Asked only if"),
    "minimum": _("From"),
    "maximum": _("To"),
    "step": _("In steps of"),
}


@dataclass(frozen=True)
class TextChange:
    """One text before and after; `parts` are runs of words that are kept or not."""

    name: str
    parts: tuple[tuple[Part, str], ...]


@dataclass(frozen=True)
class CriterionChange:
    title: str
    state: State
    texts: tuple[TextChange, ...] = ()


@dataclass(frozen=True)
class RubricChanges:
    head: tuple[TextChange, ...]
    criteria: tuple[CriterionChange, ...]
    examples: tuple[TextChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.head or self.criteria or self.examples)


def compare_rubrics(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> RubricChanges:
    """`before` and `after` are documents of rubric versions."""
    return RubricChanges(
        head=tuple(
            _texts(
                [
                    (gettext(NAMES[key]), before[key], after[key])
                    for key in ("title", "guidance")
                ]
            )
        ),
        criteria=tuple(_criteria(before["criteria"], after["criteria"])),
        examples=tuple(
            _texts(_pairs(before.get("examples", []), after.get("examples", [])))
        ),
    )


def _criteria(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[CriterionChange]:
    former = _former(before, after)
    order = [before.index(one) for one in former if one is not None]
    for one, was in zip(after, former, strict=True):
        if was is None:
            yield CriterionChange(one["title"], "added", tuple(_said(one)))
            continue
        texts = tuple(_compare(was, one))
        if texts:
            yield CriterionChange(one["title"], "changed", texts)
        elif order != sorted(order) and before.index(was) != after.index(one):
            yield CriterionChange(one["title"], "moved")
    for was in before:
        if was not in [one for one in former if one is not None]:
            yield CriterionChange(was["title"], "removed")


def _former(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict[str, Any] | None]:
    """Of each criterion what it was: by its key, or renamed, by its scale and title."""
    by_key = {one["key"]: one for one in before}
    kept = {one["key"] for one in after}
    free = [one for one in before if one["key"] not in kept]
    found = []
    for one in after:
        was = by_key.get(one["key"])
        if was is None:
            alike = (
                other
                for other in free
                if other["title"] == one["title"]
                or (other["options"] and other["options"] == one["options"])
            )
            was = next(alike, None)
            free = [other for other in free if other is not was]
        found.append(was)
    return found


def _compare(was: Mapping[str, Any], one: Mapping[str, Any]) -> Iterator[TextChange]:
    yield from _texts(
        [
            (gettext(name), _shown(was, key), _shown(one, key))
            for key, name in NAMES.items()
        ]
    )
    yield from _texts(_option_pairs(was["options"], one["options"]))


def _said(one: Mapping[str, Any]) -> Iterator[TextChange]:
    """All of a criterion that is new."""
    yield from _texts(
        [(gettext("Guidance"), "", one["guidance"]), *_option_pairs([], one["options"])]
    )


def _shown(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if key == "only_if" and value:
        return f"{value['criterion']}: {', '.join(value['values'])}"
    if key == "rationale":
        return value or "optional"
    if isinstance(value, bool) or key == "per_step":
        return gettext("yes") if value else gettext("no")
    return "" if value is None else str(value)


def _option_pairs(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    values = [[option["value"] for option in options] for options in (before, after)]
    if before:
        yield gettext("Options"), ", ".join(values[0]), ", ".join(values[1])
    was = {option["value"]: _option_text(option) for option in before}
    for option in after:
        name = gettext("Option %(value)s") % {"value": option["value"]}
        yield name, was.get(option["value"], ""), _option_text(option)


def _option_text(option: Mapping[str, Any]) -> str:
    asks = f" ({gettext('asks for a reason')})" if option["rationale"] else ""
    anchor = f": {option['anchor']}" if option["anchor"] else ""
    return f"{option['title']}{anchor}{asks}"


def _pairs(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    was = {one["title"]: _example_text(one) for one in before}
    now = {one["title"]: _example_text(one) for one in after}
    for title in dict.fromkeys([*was, *now]):
        name = gettext("Example %(title)s") % {"title": title}
        yield name, was.get(title, ""), now.get(title, "")


def _example_text(example: Mapping[str, Any]) -> str:
    ratings = ", ".join(
        f"{key} = {', '.join(value) if isinstance(value, list) else value}"
        for key, value in sorted(example["ratings"].items())
    )
    return "\n".join(
        part for part in (example["text"], ratings, example["why"]) if part
    )


def _texts(pairs: Any) -> Iterator[TextChange]:
    for name, before, after in pairs:
        if before != after:
            yield TextChange(name, compare_texts(before, after))


def compare_texts(before: str, after: str) -> tuple[tuple[Part, str], ...]:
    is_long = len(before) + len(after) > MOST_WORDS * 4
    split = LINES if is_long else WORDS
    old, new = split.findall(before), split.findall(after)
    parts: list[tuple[Part, str]] = []
    for act, a, b, c, d in SequenceMatcher(
        None, old, new, autojunk=is_long
    ).get_opcodes():
        if act == "equal":
            parts.append(("same", "".join(old[a:b])))
            continue
        parts.append(("gone", "".join(old[a:b])))
        parts.append(("new", "".join(new[c:d])))
    return tuple((part, text) for part, text in parts if text)
