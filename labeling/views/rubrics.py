"""Rubrics as their leads see them: versions, what changed, who judges by them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from labeling.formats.rubric_changes import compare_rubrics
from labeling.formats.rubric_files import write_rubric
from labeling.formats.rubric_sheets import Sheet, sheet_of, slug_of
from labeling.formats.rubrics import RubricFaults, RubricFile, parse_rubric
from labeling.formats.starters import list_starters
from labeling.forms import JudgmentForm
from labeling.queries.rubric_desk import (
    RubricRow,
    UnknownRubric,
    VersionDocument,
    VersionUse,
    find_draft,
    get_document,
    get_rubric,
    list_rubrics,
    list_uses,
)
from labeling.queries.rubrics import Level, RubricFacts, get_rubric_version
from labeling.services.rubric_drafts import keep_draft
from reviews.http import SignedInRequest, see_other
from reviews.queries.access import Access
from reviews.views.lead import lead_access

LARGEST_FILE = 1_000_000
# Of a trace that nobody has seen.
PREVIEWED_STEPS = 3


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rubrics(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_access(request, project)
    faults: list[str] = []
    if request.method == "POST":
        try:
            slug, sheet = _beginning(request)
            return _begin(request, access, slug, sheet)
        except RubricFaults as error:
            faults = error.faults
    context = {
        "access": access,
        "active": "rubrics",
        "rubrics": list_rubrics(access.project_id),
        "starters": list_starters(),
        "faults": faults,
        "title": request.POST.get("title", ""),
    }
    return render(
        request, "labeling/rubrics.html", context, status=422 if faults else 200
    )


def _beginning(request: SignedInRequest) -> tuple[str, Sheet]:
    """The name of the rubric that is begun, and its first sheet."""
    upload = request.FILES.get("file")
    if upload is not None:
        file = read_upload(upload)
        return file.slug, sheet_of(file.document)
    # The database keeps no NUL.
    title = request.POST.get("title", "").replace("\x00", "").strip()
    slug = slug_of(title)
    if not slug:
        raise RubricFaults([_("Title: expected words with a letter or a digit")])
    start = request.POST.get("start", "")
    for starter in list_starters():
        if starter.name == start:
            return slug, sheet_of(starter.document) | {"title": title[:200]}
    empty = {"title": title[:200], "guidance": "", "criteria": [], "examples": []}
    return slug, empty


def read_upload(upload: UploadedFile[bytes]) -> RubricFile:
    if (upload.size or 0) > LARGEST_FILE:
        message = _("File: expected at most %(n)s bytes")
        raise RubricFaults([message % {"n": f"{LARGEST_FILE:,}"}])
    return parse_rubric(upload.read())


def _begin(
    request: SignedInRequest, access: Access, slug: str, sheet: Sheet
) -> HttpResponse:
    if find_draft(project_id=access.project_id, slug=slug) is not None:
        message = _("%(rubric)s: there is a draft of this rubric already")
        raise RubricFaults([message % {"rubric": slug}])
    if not request.FILES and any(
        row.slug == slug for row in list_rubrics(access.project_id, slug=slug)
    ):
        message = _("%(rubric)s: there is a rubric of this name: edit that one")
        raise RubricFaults([message % {"rubric": slug}])
    keep_draft(
        project_id=access.project_id,
        slug=slug,
        sheet=sheet,
        revision=0,
        member_id=access.member_id,
        now=timezone.now(),
    )
    return see_other(reverse("labeling:rubric_draft", args=[access.project, slug]))


@require_safe
@login_required
def rubric(request: SignedInRequest, project: str, rubric: str) -> HttpResponse:
    access = lead_access(request, project)
    try:
        row = get_rubric(project_id=access.project_id, slug=rubric)
    except UnknownRubric as error:
        raise Http404 from error
    if row.newest is None:
        return see_other(reverse("labeling:rubric_draft", args=[project, rubric]))
    context = {
        "access": access,
        "active": "rubrics",
        "rubric": row,
        "draft": find_draft(project_id=access.project_id, slug=rubric),
        **_shown(access, rubric, row.newest.number),
    }
    return render(request, "labeling/rubric.html", context)


@require_safe
@login_required
def rubric_version(
    request: SignedInRequest, project: str, rubric: str, number: int
) -> HttpResponse:
    access = lead_access(request, project)
    row = _row(access, rubric)
    version = find_version_document(access, rubric, number)
    uses: list[VersionUse] = []
    if row.newest and row.newest.number == number:
        uses = list_uses(
            project_id=access.project_id, slug=rubric, version_id=version.version_id
        )
    context = {
        "access": access,
        "active": "rubrics",
        "rubric": row,
        "uses": uses,
        **_shown(access, rubric, number),
    }
    return render(request, "labeling/rubric_version.html", context)


@require_safe
@login_required
def rubric_file(
    request: SignedInRequest, project: str, rubric: str, number: int
) -> HttpResponse:
    access = lead_access(request, project)
    version = find_version_document(access, rubric, number)
    text = write_rubric(slug=rubric, document=version.document, project=project)
    return as_download(text, f"{rubric}-{number}.toml")


def as_download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _row(access: Access, rubric: str) -> RubricRow:
    try:
        return get_rubric(project_id=access.project_id, slug=rubric)
    except UnknownRubric as error:
        raise Http404 from error


def _shown(access: Access, slug: str, number: int) -> dict[str, object]:
    """A version as reviewers see it, and what came with it."""
    version = find_version_document(access, slug, number)
    facts = get_rubric_version(version.version_id)
    changes = None
    if number > 1:
        before = find_version_document(access, slug, number - 1)
        changes = compare_rubrics(before.document, version.document)
    return {
        "version": version,
        "facts": facts,
        "form": preview_of(facts),
        "changes": changes,
    }


def find_version_document(
    access: Access, slug: str, number: int | None = None
) -> VersionDocument:
    try:
        return get_document(project_id=access.project_id, slug=slug, number=number)
    except UnknownRubric as error:
        raise Http404 from error


def preview_of(facts: RubricFacts) -> JudgmentForm:
    """The form that a reviewer fills in, of an item that fits."""
    sides = [
        sum(value != "tie" for value in criterion.values)
        for criterion in facts.criteria
        if criterion.level == Level.PAIRWISE
    ]
    n_steps = PREVIEWED_STEPS if facts.has_per_step else 0
    return JudgmentForm(facts, max(sides, default=1), n_steps=n_steps)
