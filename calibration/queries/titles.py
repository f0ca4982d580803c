"""What people read on pages in place of the keys of a rubric version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labeling.models import RubricVersion
from labeling.queries.rubrics import get_rubric_version

# Of the versions in the project of a golden set, by the rubric's name and number.
VersionIds = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class Titles:
    criteria: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """Of a criterion, or of one label of it: `key/label`."""
        criterion, slash, label = key.partition("/")
        title = self.criteria.get(criterion)
        if title is None:
            return key
        return f"{title}: {self.of_value(criterion, label)}" if slash else title

    def of_value(self, criterion: str, value: str) -> str:
        return self.options.get((criterion, value), value)

    def in_reason(self, text: str) -> str:
        """A sentence that begins with the key that it is about."""
        key, colon, rest = text.partition(": ")
        return f"{self.of(key)}: {rest}" if colon else text


def get_titles(version_id: int) -> Titles:
    criteria = get_rubric_version(version_id).criteria
    return Titles(
        criteria={one.key: one.title for one in criteria},
        options={
            (one.key, option.value): option.title
            for one in criteria
            for option in one.options
        },
    )


def list_version_ids(golden_set_id: int) -> VersionIds:
    found = RubricVersion.objects.filter(rubric__project__golden_sets=golden_set_id)
    return {
        (slug, number): pk
        for slug, number, pk in found.values_list("rubric__slug", "number", "pk")
    }


def get_titles_of_release(ids: VersionIds, manifest: Mapping[str, Any]) -> Titles:
    """Of the rubric version that a manifest names; of one that is gone, the keys."""
    rubric = manifest["rubric"]
    found = ids.get((rubric["name"], rubric["version"]))
    return Titles() if found is None else get_titles(found)
