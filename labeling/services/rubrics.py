"""Publishing rubrics: any change is the next version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from labeling.formats.rubrics import RubricFile
from labeling.models import Criterion, Level, Option, Rubric, RubricVersion
from reviews.models import Queue

LEVELS = {level.label: level for level in Level}


@dataclass(frozen=True)
class Applied:
    """The version that now stands; `lagging` are queues still on an older one."""

    version_id: int
    number: int
    is_created: bool
    lagging: tuple[str, ...]


@transaction.atomic
def apply_rubric(*, project_id: int, file: RubricFile, now: datetime) -> Applied:
    rubric, _ = Rubric.objects.get_or_create(
        project_id=project_id, slug=file.slug, defaults={"created_at": now}
    )
    # Two applies of changed files at once must not both make version n + 1.
    Rubric.objects.select_for_update(no_key=True).get(pk=rubric.pk)
    version = rubric.versions.order_by("-number").first()
    is_created = version is None or version.document != file.document
    if version is None or is_created:
        number = version.number + 1 if version else 1
        version = _publish(rubric, number, file.document, now)
    return Applied(
        version_id=version.pk,
        number=version.number,
        is_created=is_created,
        lagging=_lagging(rubric, version),
    )


def _publish(
    rubric: Rubric, number: int, document: dict[str, Any], now: datetime
) -> RubricVersion:
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=number,
        title=document["title"],
        guidance=document["guidance"],
        document=document,
        published_at=now,
    )
    criteria = Criterion.objects.bulk_create(
        _criterion(version, one, position)
        for position, one in enumerate(document["criteria"])
    )
    Option.objects.bulk_create(
        Option(
            criterion=criterion,
            value=option["value"],
            title=option["title"],
            anchor=option["anchor"],
            requires_rationale=option["rationale"],
            position=position,
        )
        for criterion, one in zip(criteria, document["criteria"], strict=True)
        for position, option in enumerate(one["options"])
    )
    return version


def _criterion(
    version: RubricVersion, document: dict[str, Any], position: int
) -> Criterion:
    return Criterion(
        version=version,
        key=document["key"],
        title=document["title"],
        guidance=document["guidance"],
        level=LEVELS[document["level"]],
        is_required=document["required"],
        is_per_step=document.get("per_step", False),
        position=position,
        minimum=document.get("minimum"),
        maximum=document.get("maximum"),
        step=document.get("step"),
    )


def _lagging(rubric: Rubric, version: RubricVersion) -> tuple[str, ...]:
    queues = Queue.objects.filter(rubric_version__rubric=rubric).exclude(
        rubric_version=version
    )
    return tuple(queues.order_by("slug").values_list("slug", flat=True))
