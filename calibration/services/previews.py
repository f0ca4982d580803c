"""How a spec would fill, before anything is frozen."""

from calibration.formats.specs import Spec
from calibration.models import GoldenSet
from calibration.queries.releases import list_case_names
from calibration.queries.terms import list_retired
from calibration.services.composing import Composition, compose
from calibration.services.golden_sets import check_set_name, get_spec_version
from reviews.queries.queues import QueueFacts


def preview_set(*, name: str, queue: QueueFacts, spec: Spec) -> Composition:
    """What the set of that name, perhaps not made yet, would hold under the spec."""
    check_set_name(name, queue)
    found = GoldenSet.objects.filter(project=queue.project_id, slug=name).first()
    latest = found.releases.order_by("pk").last() if found is not None else None
    retired = list_retired(found.pk) if found is not None else []
    return compose(
        queue,
        get_spec_version(queue, spec),
        spec,
        parent=list_case_names(latest.pk) if latest is not None else (),
        retired={one.item: one.because for one in retired},
    )
