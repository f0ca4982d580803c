"""Beginning a project in the browser."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from reviews.forms import ProjectForm
from reviews.http import SignedInRequest, see_other
from reviews.queries.access import may_found_project
from reviews.services.projects import ProjectThere, found_project


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def project_new(request: SignedInRequest) -> HttpResponse:
    if not may_found_project(request.user.pk):
        raise Http404
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        slug = form.cleaned_data["slug"]
        try:
            found_project(
                slug=slug,
                name=form.cleaned_data["name"],
                username=request.user.get_username(),
                now=timezone.now(),
            )
            return see_other(reverse("reviews:project", args=[slug]))
        except ProjectThere:
            words = _("there is a project '%(name)s' already")
            form.add_error("slug", words % {"name": slug})
    status = 422 if form.is_bound else 200
    return render(request, "reviews/project_new.html", {"form": form}, status=status)
