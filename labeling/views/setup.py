"""Setting up a queue in the browser, and changing it later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from labeling.formats.rubric_sheets import slug_of
from labeling.queries.queue_setup import get_choices
from labeling.services.queue_setup import (
    Plan,
    SetUp,
    SetUpRefused,
    change_queue,
    set_up_queue,
)
from labeling.views.queue_fields import NewQueueForm, QueueForm
from labeling.views.rubrics import as_download
from reviews.formats.guesses import (
    Columns,
    NoLayout,
    column_names,
    guess_columns,
    read_entries,
)
from reviews.formats.mapping import InvalidMapping, MappingFile, parse_mapping
from reviews.formats.tables import InvalidTable
from reviews.http import SignedInRequest, see_other
from reviews.queries.access import Access
from reviews.queries.overview import count_items
from reviews.queries.policies import find_policy_source
from reviews.services.queue_files import QueueSpec
from reviews.services.queue_specs import get_queue_spec, write_queue
from reviews.tasks import announce_routed
from reviews.views.lead import find_queue, lead_access

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

NEW = QueueSpec(queue="", rubric="")


@dataclass(frozen=True)
class Upload:
    """A file as it is to be read. `columns` are guessed, of one that is not native."""

    entries: Any
    columns: Columns | None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def queue_setup(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_access(request, project)
    choices = get_choices(access.project_id)
    form = NewQueueForm(
        choices, NEW, data=request.POST or None, files=request.FILES or None
    )
    lines: tuple[str, ...] = ()
    n_lines = 0
    if request.method == "POST" and form.is_valid():
        try:
            return _set_up(request, access, form)
        except SetUpRefused as error:
            form.refuse(error.field, str(error))
            lines, n_lines = error.lines, error.n_lines
    context = {
        "access": access,
        "active": "queue-setup",
        "form": form,
        "items": count_items(access.project_id),
        "has_policy": find_policy_source(access.project_id) is not None,
        "lines": lines,
        "n_lines": n_lines,
    }
    status = 422 if form.is_bound else 200
    return render(request, "labeling/queue_setup.html", context, status=status)


def _set_up(
    request: SignedInRequest, access: Access, form: NewQueueForm
) -> HttpResponse:
    plan = form.plan()
    slug = slug_of(plan.spec.title)
    if not slug:
        raise SetUpRefused("title", _("Expected words with a letter or a digit."))
    upload = _read(form)
    given = replace(
        plan,
        spec=replace(plan.spec, queue=slug, rubric="rubric"),
        entries=upload.entries if upload else None,
        takes_everything=form.cleaned_data["routing"] == "everything",
    )
    done = set_up_queue(
        project_id=access.project_id,
        project=access.project,
        plan=given,
        now=timezone.now(),
        # Where in the order of a tier an item stands; nothing hangs on it.
        rng=Random(),
    )
    announce_routed()
    return _ready(request, access, done, upload)


def _read(form: NewQueueForm) -> Upload | None:
    upload = form.cleaned_data["file"]
    if upload is None:
        return None
    delimiter = form.delimiter_of(upload.name)
    mapping, columns = _mapping(form.cleaned_data["mapping"]), None
    try:
        if mapping is None:
            columns = guess_columns(column_names(upload.file, delimiter))
            mapping = columns.as_mapping() if columns else None
            upload.seek(0)
        return Upload(read_entries(upload.file, delimiter, mapping), columns)
    except NoLayout as error:
        raise SetUpRefused("file", f"{str(error).capitalize()}.") from error
    except InvalidTable as error:
        raise SetUpRefused("file", str(error)) from error
    except ValueError as error:
        raise SetUpRefused(
            "file",
            _(
                "Line 1: expected text in UTF-8, one JSON object in each line, or a header of CSV."
            ),
        ) from error


def _mapping(upload: UploadedFile[bytes] | None) -> MappingFile | None:
    if upload is None:
        return None
    try:
        return parse_mapping(upload.read().decode())
    except (InvalidMapping, UnicodeDecodeError) as error:
        raise SetUpRefused("mapping", str(error)) from error


def _ready(
    request: SignedInRequest, access: Access, done: SetUp, upload: Upload | None
) -> HttpResponse:
    """Not a redirect: new passwords are shown this once and kept nowhere."""
    context = {
        "access": access,
        "active": "queues",
        "queue": find_queue(access, done.queue),
        "done": done,
        "passwords": [one for one in done.people if one.password],
        "columns": upload.columns if upload else None,
        "address": request.build_absolute_uri("/"),
    }
    return render(request, "labeling/queue_ready.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def queue_settings(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    spec = get_queue_spec(queue_id=facts.id)
    choices = get_choices(
        access.project_id, also=facts.rubric_version_id, queue_id=facts.id
    )
    rubric = str(facts.rubric_version_id)
    form = QueueForm(choices, spec, rubric, data=request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            return _change(request, access, form.plan())
        except SetUpRefused as error:
            form.refuse(error.field, str(error))
    context = {"access": access, "active": "settings", "queue": facts, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "labeling/queue_settings.html", context, status=status)


def _change(request: SignedInRequest, access: Access, plan: Plan) -> HttpResponse:
    done = change_queue(
        project_id=access.project_id, plan=plan, now=timezone.now(), rng=Random()
    )
    if any(one.password for one in done.people):
        return _ready(request, access, done, None)
    # As the queue's file calls them.
    changed = ", ".join(key.replace("_", " ") for key in done.changed)
    changed = changed.replace("rubric version id", "rubric")
    words = _("Changed: %(keys)s.") if changed else _("Nothing was changed.")
    messages.success(request, words % {"keys": changed})
    return see_other(reverse("reviews:queue", args=[access.project, done.queue]))


@require_safe
@login_required
def queue_file(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    spec = get_queue_spec(queue_id=find_queue(access, queue).id)
    return as_download(write_queue(spec), f"{queue}.toml")
