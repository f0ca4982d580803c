"""Failures: how often, by feature, of which kinds; and sorting what was written."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from calibration.forms import ChosenForm, MergerForm, ModeForm, SortingForm
from calibration.queries.failures_page import get_failures_page, list_failing_ids
from calibration.tasks import announce_sorting
from calibration.views.scope import lead_or_404, queue_or_404
from labeling.queries.failed_items import Wanted, list_failed_items
from labeling.queries.failure_modes import (
    ModeFacts,
    UnknownMode,
    get_mode,
    list_acts,
    list_modes,
    list_notes_of,
    list_open_notes,
)
from labeling.services import failure_modes as services
from labeling.services.failure_modes import By, Chosen, ModeRefused
from reviews.http import SignedInRequest, as_number, posted_from, see_other
from reviews.queries.access import Access
from reviews.queries.queues import list_queues


@require_safe
@login_required
def failure_modes(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_or_404(request, project)
    return _page(request, access, SortingForm(list_modes(access.project_id)))


@posted_from("calibration:failure_modes", "project")
@login_required
def sorting(request: SignedInRequest, project: str) -> HttpResponse:
    """Tags and notes go into a failure mode, which may be made for them."""
    access = lead_or_404(request, project)
    form = SortingForm(list_modes(access.project_id), request.POST)

    def act(by: By) -> None:
        if form.cleaned_data["name"]:
            name = form.cleaned_data["name"]
            services.create_mode(by=by, name=name, chosen=_chosen(form))
        else:
            mode_id = int(form.cleaned_data["mode"])
            services.sort_into(by=by, mode_id=mode_id, chosen=_chosen(form))

    if not _is_done(access, form, act):
        return _page(request, access, form, status=422)
    messages.success(request, "Sorted.")
    return see_other(
        reverse("calibration:failure_modes", args=[access.project]) + "#sorting"
    )


@require_safe
@login_required
def failure_mode(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    access = lead_or_404(request, project)
    return _mode_page(request, access, _mode_or_404(access, mode))


@posted_from("calibration:failure_mode", "project", "mode")
@login_required
def name(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    access = lead_or_404(request, project)
    form = ModeForm(request.POST)

    def act(by: By) -> None:
        services.rename_mode(
            by=by,
            mode_id=mode,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
        )

    return _answer(request, access, mode, form, act)


@posted_from("calibration:failure_mode", "project", "mode")
@login_required
def offer(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    """Whether reviewers are offered its name."""
    access = lead_or_404(request, project)
    is_offered = request.POST.get("is_offered") == "1"
    return _answer(
        request,
        access,
        mode,
        ChosenForm(request.POST),
        lambda by: services.offer_mode(by=by, mode_id=mode, is_offered=is_offered),
    )


@posted_from("calibration:failure_mode", "project", "mode")
@login_required
def removal(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    access = lead_or_404(request, project)
    form = ChosenForm(request.POST)
    return _answer(
        request,
        access,
        mode,
        form,
        lambda by: services.take_out(by=by, mode_id=mode, chosen=_chosen(form)),
    )


@posted_from("calibration:failure_mode", "project", "mode")
@login_required
def split(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    access = lead_or_404(request, project)
    form = ModeForm(request.POST)

    def act(by: By) -> None:
        services.split_mode(
            by=by, mode_id=mode, name=form.cleaned_data["name"], chosen=_chosen(form)
        )

    return _answer(request, access, mode, form, act)


@posted_from("calibration:failure_mode", "project", "mode")
@login_required
def merger(request: SignedInRequest, project: str, mode: int) -> HttpResponse:
    access = lead_or_404(request, project)
    form = MergerForm(_others(access, mode), request.POST)

    def act(by: By) -> None:
        into = int(form.cleaned_data["into"])
        services.merge_modes(by=by, mode_id=mode, into_id=into)

    if not _is_done(access, form, act):
        return _mode_page(request, access, _mode_or_404(access, mode), form, 422)
    messages.success(request, "Merged.")
    into = int(form.cleaned_data["into"])
    return see_other(reverse("calibration:failure_mode", args=[access.project, into]))


@require_safe
@login_required
def failed_items(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_or_404(request, project)
    wanted = _wanted(request, access)
    is_failed = "failed" in request.GET
    context = {
        "access": access,
        "active": "failures",
        "wanted": wanted,
        "mode": _mode_or_404(access, wanted.mode) if wanted.mode else None,
        "is_failed": is_failed,
        "asked": _without_page(request),
        "page": list_failed_items(
            project_id=access.project_id,
            wanted=wanted,
            among=list_failing_ids(access.project_id) if is_failed else None,
            page=request.GET.get("page", 1),
        ),
    }
    return render(request, "calibration/failed_items.html", context)


def _wanted(request: SignedInRequest, access: Access) -> Wanted:
    asked = {key: str(text).replace("\x00", "") for key, text in request.GET.items()}
    queue, mode = asked.get("queue"), asked.get("mode", "")
    return Wanted(
        queue=queue_or_404(access, queue).slug if queue else None,
        mode=as_number(mode),
        tag=asked.get("tag") or None,
        is_unsorted="unsorted" in asked,
        intent=asked.get("intent"),
    )


def _without_page(request: SignedInRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


def _page(
    request: SignedInRequest, access: Access, form: SortingForm, status: int = 200
) -> HttpResponse:
    slug = request.GET.get("queue") or None
    queue = queue_or_404(access, slug) if slug else None
    context = {
        "access": access,
        "active": "failures",
        "page": get_failures_page(project_id=access.project_id, queue=slug),
        "queues": list_queues(access.project_id),
        "chosen": queue,
        "notes": list_open_notes(
            project_id=access.project_id,
            page=as_number(request.GET.get("notes", "")) or 1,
        ),
        "acts": list_acts(access.project_id),
        "form": form,
    }
    return render(request, "calibration/failure_modes.html", context, status=status)


def _mode_page(
    request: SignedInRequest,
    access: Access,
    mode: ModeFacts,
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    initial = {"name": mode.name, "description": mode.description}
    context = {
        "access": access,
        "active": "failures",
        "mode": mode,
        "notes": list_notes_of(mode.id),
        "acts": list_acts(access.project_id, mode.id),
        "form": form,
        "name_form": ModeForm(initial=initial, auto_id="rename_%s"),
        "merger_form": MergerForm(_others(access, mode.id)),
    }
    return render(request, "calibration/failure_mode.html", context, status=status)


def _answer(
    request: SignedInRequest,
    access: Access,
    mode_id: int,
    form: forms.Form,
    act: Callable[[By], object],
) -> HttpResponse:
    """Do it and show the failure mode again."""
    if not _is_done(access, form, act):
        return _mode_page(request, access, _mode_or_404(access, mode_id), form, 422)
    messages.success(request, "Changed.")
    return see_other(
        reverse("calibration:failure_mode", args=[access.project, mode_id])
    )


def _is_done(access: Access, form: forms.Form, act: Callable[[By], object]) -> bool:
    """Whether the form was valid and nothing was refused; its errors say why not."""
    if not form.is_valid():
        return False
    try:
        act(By(access.project_id, access.member_id, timezone.now()))
    except ModeRefused as error:
        form.add_error(None, str(error))
        return False
    except UnknownMode as error:
        raise Http404 from error
    announce_sorting(access.project_id)
    return True


def _chosen(form: ChosenForm) -> Chosen:
    return Chosen(tags=form.chosen_tags(), judgments=form.chosen_judgments())


def _mode_or_404(access: Access, mode_id: int) -> ModeFacts:
    try:
        return get_mode(project_id=access.project_id, mode_id=mode_id)
    except UnknownMode as error:
        raise Http404 from error


def _others(access: Access, mode_id: int) -> list[ModeFacts]:
    return [one for one in list_modes(access.project_id) if one.id != mode_id]
