"""What a golden set should hold, and who stands behind its references."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calibration.formats.specs import Spec, SpecFault, parse_spec
from calibration.forms import FreezeForm, SpecForm
from calibration.services.golden_sets import (
    SetRefused,
    apply_spec,
    draft_from_corrections,
    own_reference,
)
from calibration.tasks import announce_set
from calibration.views.releases import render_golden_set, set_or_404
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, posted_from, see_other


@posted_from("calibration:golden_set", "project", "golden_set")
@login_required
def spec(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    form = SpecForm(request.POST)
    if form.is_valid():
        try:
            is_changed = apply_spec(
                name=found.slug,
                queue=queue_or_404(access, found.queue),
                spec=_of_queue(form.cleaned_data["spec"], found.queue),
                applied_by_id=access.member_id,
                now=timezone.now(),
            )
        except SpecFault as fault:
            form.add_error("spec", str(fault))
        else:
            announce_set()
            said = (
                _("The spec holds from now on.")
                if is_changed
                else _("Nothing changed.")
            )
            messages.success(request, said)
            return see_other(_set_url(project, golden_set))
    return render_golden_set(request, access, found, FreezeForm(), form, status=422)


@posted_from("calibration:golden_set", "project", "golden_set")
@login_required
def references(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    case = request.POST.get("case", "")
    try:
        own_reference(
            golden_set_id=found.id,
            item=case,
            owner_id=access.member_id,
            now=timezone.now(),
        )
    except SetRefused as refused:
        messages.error(request, str(refused))
    else:
        words = _("You stand behind the reference of %(case)s.")
        messages.success(request, words % {"case": case})
    return see_other(_set_url(project, golden_set))


@posted_from("calibration:golden_set", "project", "golden_set")
@login_required
def drafts(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    n = draft_from_corrections(golden_set_id=found.id, now=timezone.now())
    messages.success(request, _("Drafted from corrections: %(n)s.") % {"n": n})
    return see_other(_set_url(project, golden_set))


def _of_queue(text: str, queue: str) -> Spec:
    spec = parse_spec(text)
    if spec.queue != queue:
        raise SpecFault(f"queue: expected {queue!r}, the queue of this set")
    return spec


def _set_url(project: str, golden_set: str) -> str:
    return reverse("calibration:golden_set", args=[project, golden_set])
