"""Finding the rubric version that a name means."""

import re

from labeling.models import RubricVersion


class UnknownVersion(Exception):
    """No rubric version goes by that name; the message says what is there."""


def find_version(*, project_id: int, name: str) -> int:
    """The id of the version that "rubric" (the newest) or "rubric@2" means."""
    match = re.fullmatch(r"([\w-]+)(?:@(\d+))?", name)
    if match is None:
        raise UnknownVersion(f"{name!r} is not a rubric: expected NAME or NAME@VERSION")
    slug, number = match.groups()
    versions = RubricVersion.objects.filter(
        rubric__project_id=project_id, rubric__slug=slug
    )
    found = versions.order_by("-number").values_list("pk", "number")
    for pk, candidate in found:
        if number is None or candidate == int(number):
            return pk
    if not found:
        raise UnknownVersion(
            f"there is no rubric {slug!r} in this project: apply its file first"
        )
    raise UnknownVersion(
        f"rubric {slug!r} has no version {number}: the newest is {found[0][1]}"
    )
