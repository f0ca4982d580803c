"""Moving queues to another version of their rubric."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.models import RubricVersion
from reviews.services.queue_specs import get_queue_spec
from reviews.services.queues import apply_queue
from reviews.services.relabeling import reopen_judged


class AdoptionRefused(Exception):
    """The queue cannot be dealt under that version; the message says why."""


@dataclass(frozen=True)
class Adopted:
    is_moved: bool
    # Items that are asked for again.
    n_reopened: int


@transaction.atomic
def adopt_version(
    *,
    project_id: int,
    queue_id: int,
    version_id: int,
    reopens: bool,
    now: datetime,
    rng: Random,
) -> Adopted:
    """Deal the queue under this version from now on; `reopens` asks again for what
    was judged under another one. Those judgments stay.
    """
    version = RubricVersion.objects.select_related("rubric").get(pk=version_id)
    _require_newest(version, queue_id)
    applied = apply_queue(
        spec=replace(get_queue_spec(queue_id=queue_id), rubric=str(version)),
        project_id=project_id,
        rubric_version_id=version_id,
        now=now,
        rng=rng,
    )
    reopened = 0
    if reopens:
        reopened = reopen_judged(queue_id=queue_id, now=now, rng=rng)
    return Adopted("rubric_version_id" in applied.changed, reopened)


def _require_newest(version: RubricVersion, queue_id: int) -> None:
    """Refuse what the page of the newest version does not offer."""
    rubric = version.rubric
    if not rubric.versions.filter(queue=queue_id).exists():
        raise AdoptionRefused(
            _("It is dealt under another rubric than %(rubric)s.")
            % {"rubric": rubric.slug}
        )
    newest = rubric.versions.order_by("number").last()
    if newest != version:
        raise AdoptionRefused(
            _("Version %(number)s is not the newest of %(rubric)s any more.")
            % {"number": version.number, "rubric": rubric.slug}
        )
