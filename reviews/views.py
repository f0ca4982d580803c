"""Start pages: the reviewer's desk and the lead's overview."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews.queries.access import Access, NoAccess, get_lead_access, list_access


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    accesses = list_access(request.user.pk)
    leading = [access for access in accesses if access.is_lead]
    if len(leading) == 1:
        return redirect("reviews:project", leading[0].project)
    if leading:
        return render(request, "reviews/projects.html", {"projects": leading})
    if accesses:
        return redirect("reviews:desk")
    return render(request, "reviews/no_project.html")


@require_GET
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    return render(request, "reviews/desk.html")


@require_POST
@login_required
def batches(request: HttpRequest, project: str, queue: str) -> HttpResponse:
    raise Http404


@require_GET
@login_required
def batch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    raise Http404


@require_GET
@login_required
def project(request: HttpRequest, project: str) -> HttpResponse:
    access = _lead_access(request, project)
    return render(
        request, "reviews/project.html", {"access": access, "active": "overview"}
    )


@require_GET
@login_required
def queue(request: HttpRequest, project: str, queue: str) -> HttpResponse:
    raise Http404


def _lead_access(request: HttpRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error
