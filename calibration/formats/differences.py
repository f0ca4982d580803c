"""What differs between two releases, case by case, from their lines."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from calibration.formats.cases import SCORED, WEIGHED

Json = dict[str, Any]
ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class _Id(msgspec.Struct):
    id: str


_id_decoder = msgspec.json.Decoder(_Id)


@dataclass(frozen=True)
class CaseChange:
    """One case that is not the same in both; without `fields` it is in one alone."""

    case: str
    kind: str
    fields: tuple[str, ...] = ()
    old: Json | None = None
    new: Json | None = None

    @property
    def is_scored(self) -> bool:
        """Whether what is scored has changed, so that scores are not comparable."""
        return not {*SCORED}.isdisjoint(self.fields)

    @property
    def is_weighed(self) -> bool:
        return not {*WEIGHED}.isdisjoint(self.fields)


@dataclass(frozen=True)
class Changes:
    """How many cases changed in which way, since the release before."""

    n_added: int
    n_removed: int
    n_shared: int
    # By field, of the cases that both have.
    fields: dict[str, int]
    has_other_rubric: bool

    @property
    def bump(self) -> int:
        """The part of the version that has to grow: 0 major, 1 minor, 2 patch."""
        if self.n_removed or self.has_other_rubric or self._any(SCORED):
            return 0
        return 1 if self.n_added or self._any(WEIGHED) else 2

    def _any(self, fields: Iterable[str]) -> bool:
        return any(self.fields.get(field) for field in fields)

    def described(self) -> Json:
        return {
            "added": self.n_added,
            "removed": self.n_removed,
            "shared": self.n_shared,
            "fields": self.fields,
            "other_rubric": self.has_other_rubric,
        }


def compare_cases(old: Iterable[str], new: Iterable[str]) -> Iterator[CaseChange]:
    """Both sorted by id, as releases are; one line of each is held at a time."""
    olds, news = iter(old), iter(new)
    one, other = next(olds, None), next(news, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(olds, None), next(news, None)
            continue
        old_id, new_id = _id(one), _id(other)
        if new_id is None or (old_id is not None and old_id < new_id):
            yield CaseChange(old_id or "", REMOVED, old=_parsed(one))
            one = next(olds, None)
        elif old_id is None or new_id < old_id:
            yield CaseChange(new_id, ADDED, new=_parsed(other))
            other = next(news, None)
        else:
            yield _changed(new_id, _parsed(one), _parsed(other))
            one, other = next(olds, None), next(news, None)


def count_changes(
    changes: Iterable[CaseChange], *, n_old: int, has_other_rubric: bool
) -> Changes:
    kinds: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for change in changes:
        kinds[change.kind] += 1
        fields.update(change.fields)
    return Changes(
        n_added=kinds[ADDED],
        n_removed=kinds[REMOVED],
        n_shared=n_old - kinds[REMOVED],
        fields=dict(fields),
        has_other_rubric=has_other_rubric,
    )


def _changed(case: str, old: Json, new: Json) -> CaseChange:
    known = old.keys() | new.keys()
    if "cell" not in old or "cell" not in new:
        # The first format said less of a case; that it says more changes nothing.
        known = old.keys() & new.keys()
    fields = tuple(sorted(key for key in known if old.get(key) != new.get(key)))
    return CaseChange(case, CHANGED, fields, old, new)


def _id(line: str | None) -> str | None:
    return None if line is None else _id_decoder.decode(line).id


def _parsed(line: str | None) -> Json:
    parsed: Json = json.loads(line or "{}")
    return parsed
