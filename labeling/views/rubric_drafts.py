"""The rubric editor: every button keeps what was typed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from labeling.formats.rubric_changes import compare_rubrics
from labeling.formats.rubric_edits import UnknownEdit, edit_sheet
from labeling.formats.rubric_files import write_rubric
from labeling.formats.rubric_sheets import Sheet, read_sheet, sheet_of, tables_of
from labeling.formats.rubrics import RubricFaults, read_rubric
from labeling.queries.rubric_desk import (
    DraftFacts,
    UnknownRubric,
    find_draft,
    get_document,
    get_rubric,
)
from labeling.queries.rubrics import facts_of_document
from labeling.services.rubric_drafts import (
    DraftChanged,
    NoDraft,
    discard_draft,
    keep_draft,
    publish_draft,
)
from labeling.views.rubric_fields import lay_out
from labeling.views.rubrics import as_download, preview_of, read_upload
from reviews.http import SignedInRequest, as_number, posted_from, see_other
from reviews.queries.access import Access
from reviews.views.lead import lead_access

PLAIN = ("save", "keep", "review")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rubric_draft(request: SignedInRequest, project: str, rubric: str) -> HttpResponse:
    access = lead_access(request, project)
    draft = _draft(access, rubric)
    if request.method != "POST":
        faults = _faults(rubric, draft.sheet) if "check" in request.GET else []
        return _show(request, access, rubric, draft.sheet, draft.revision, faults)
    sheet, act = read_sheet(request.POST), request.POST.get("do", "save")
    try:
        at = ""
        if act not in PLAIN:
            sheet, at = edit_sheet(sheet, act, request.POST.get("level", ""))
        revision = _keep(request, access, rubric, sheet)
    except UnknownEdit as error:
        raise Http404 from error
    except DraftChanged as error:
        message = _("%(reason)s Save again to replace it by what is here.")
        messages.warning(request, message % {"reason": error})
        return _show(request, access, rubric, sheet, error.revision, [], status=409)
    return _after(request, access, rubric, sheet, revision, act, at)


def _keep(request: SignedInRequest, access: Access, rubric: str, sheet: Sheet) -> int:
    return keep_draft(
        project_id=access.project_id,
        slug=rubric,
        sheet=sheet,
        revision=as_number(request.POST.get("revision", "")) or 0,
        member_id=access.member_id,
        now=timezone.now(),
    )


def _after(
    request: SignedInRequest,
    access: Access,
    rubric: str,
    sheet: Sheet,
    revision: int,
    act: str,
    at: str,
) -> HttpResponse:
    """Where a save leads: nowhere, to the check, or back to what was edited."""
    if act == "keep":
        return HttpResponse(status=204)
    where = [access.project, rubric]
    if act == "review":
        faults = _faults(rubric, sheet)
        if faults:
            return _show(request, access, rubric, sheet, revision, faults, status=422)
        url = reverse("labeling:rubric_review", args=where)
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(url)
        return see_other(url)
    if act == "save":
        messages.success(request, _("Draft saved."))
    url = reverse("labeling:rubric_draft", args=where)
    return see_other(f"{url}?at={at}#{at}" if at else url)


@require_safe
@login_required
def rubric_review(request: SignedInRequest, project: str, rubric: str) -> HttpResponse:
    access = lead_access(request, project)
    draft = _draft(access, rubric)
    try:
        document = read_rubric(tables_of(rubric, draft.sheet)).document
    except RubricFaults:
        url = reverse("labeling:rubric_draft", args=[project, rubric])
        return see_other(f"{url}?check")
    row = get_rubric(project_id=access.project_id, slug=rubric)
    changes = None
    if row.newest is not None:
        before = get_document(project_id=access.project_id, slug=rubric).document
        changes = compare_rubrics(before, document)
    facts = facts_of_document(document, slug=rubric)
    context = {
        "access": access,
        "active": "rubrics",
        "slug": rubric,
        "rubric": row,
        "draft": draft,
        "changes": changes,
        "facts": facts,
        "form": preview_of(facts),
    }
    return render(request, "labeling/rubric_review.html", context)


@posted_from("labeling:rubric_review", "project", "rubric")
@login_required
def rubric_publication(
    request: SignedInRequest, project: str, rubric: str
) -> HttpResponse:
    access = lead_access(request, project)
    try:
        applied = publish_draft(
            project_id=access.project_id,
            slug=rubric,
            revision=as_number(request.POST.get("revision", "")) or 0,
            now=timezone.now(),
        )
    except (RubricFaults, DraftChanged, NoDraft) as error:
        message = _("Not published: %(reason)s")
        messages.warning(request, message % {"reason": error})
        return see_other(reverse("labeling:rubric_review", args=[project, rubric]))
    words = _("Version %(number)s is published.")
    if not applied.is_created:
        words = _("Nothing had changed: version %(number)s stands.")
    messages.success(request, words % {"number": applied.number})
    url = reverse("labeling:rubric_version", args=[project, rubric, applied.number])
    return see_other(url)


@posted_from("labeling:rubric_draft", "project", "rubric")
@login_required
def rubric_draft_removal(
    request: SignedInRequest, project: str, rubric: str
) -> HttpResponse:
    access = lead_access(request, project)
    discard_draft(project_id=access.project_id, slug=rubric)
    messages.success(request, _("The draft is thrown away."))
    return see_other(reverse("labeling:rubrics", args=[project]))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rubric_draft_file(
    request: SignedInRequest, project: str, rubric: str
) -> HttpResponse:
    """The draft as a rubric file, or a rubric file as the draft."""
    access = lead_access(request, project)
    draft = _draft(access, rubric)
    editor = reverse("labeling:rubric_draft", args=[project, rubric])
    if request.method != "POST":
        try:
            document = read_rubric(tables_of(rubric, draft.sheet)).document
        except RubricFaults:
            return see_other(f"{editor}?check")
        text = write_rubric(slug=rubric, document=document, project=project)
        return as_download(text, f"{rubric}-draft.toml")
    try:
        _keep(request, access, rubric, _read_file(request, rubric))
        messages.success(request, _("The draft is now what the file says."))
    except RubricFaults as error:
        for fault in error.faults:
            messages.error(request, fault)
    except DraftChanged as error:
        messages.warning(request, str(error))
    return see_other(editor)


def _read_file(request: SignedInRequest, rubric: str) -> Sheet:
    upload = request.FILES.get("file")
    if upload is None:
        raise RubricFaults([_("File: choose one first")])
    file = read_upload(upload)
    if file.slug != rubric:
        message = _("rubric: the file is of '%(file)s', not '%(rubric)s'")
        raise RubricFaults([message % {"file": file.slug, "rubric": rubric}])
    return sheet_of(file.document)


def _draft(access: Access, rubric: str) -> DraftFacts:
    """The draft, or the newest version as one that nobody has saved."""
    draft = find_draft(project_id=access.project_id, slug=rubric)
    if draft is not None:
        return draft
    try:
        version = get_document(project_id=access.project_id, slug=rubric)
    except UnknownRubric as error:
        raise Http404 from error
    return DraftFacts(sheet_of(version.document), 0, "", version.published_at)


def _faults(rubric: str, sheet: Sheet) -> list[str]:
    try:
        read_rubric(tables_of(rubric, sheet))
    except RubricFaults as error:
        return error.faults
    return []


def _show(
    request: SignedInRequest,
    access: Access,
    rubric: str,
    sheet: Sheet,
    revision: int,
    faults: list[str],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "access": access,
        "active": "rubrics",
        "rubric": get_rubric(project_id=access.project_id, slug=rubric),
        "slug": rubric,
        "revision": revision,
        "fields": lay_out(sheet, faults),
        "at": request.GET.get("at", ""),
        "is_htmx": bool(request.headers.get("HX-Request")),
    }
    fragment = "#editor" if request.headers.get("HX-Request") else ""
    page = f"labeling/rubric_draft.html{fragment}"
    return render(request, page, context, status=status)
