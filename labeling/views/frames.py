"""The bench of an item that nobody has touched yet.

Two such benches of one rubric version differ in a few places only. So the template
runs once for all of them, over an item made of marks, and is cut at these marks; a
click then costs the joining of the pieces. An item with a draft, an error or a
message is rendered in full, from the same template. The page around a bench is kept
in pieces likewise.
"""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override

from labeling.forms import JudgmentForm, SkipForm
from labeling.queries.bench import BenchPage, OfferedMode, Progress
from labeling.queries.rubrics import get_rubric_version
from reviews.queries.presentations import SIDE_NAMES, Presentation, ShownResponse

WHOLE = "labeling/bench.html"
FRAGMENT = f"{WHOLE}#bench"


@dataclass(frozen=True)
class Alike:
    """What a bench shows besides the item, and the kind of page that it is."""

    rubric_version_id: int
    n_responses: int
    n_passages: int
    n_steps: int
    is_plain: bool
    queue_title: str
    authority: tuple[str, ...]
    # As they are called now: a lead's new name is on the next item.
    offered: tuple[OfferedMode, ...]
    language: str | None


# Marks: no text holds them, for nobody knows them. The number of an item is one
# more than what is done.
ASSIGNMENT = uuid4()
DONE, SIZE = sorted(secrets.randbelow(10**15) + 10**15 for _ in range(2))
OPENING, CSRF_TOKEN, FORM_TOKEN = (secrets.token_hex(16) for _ in range(3))
RESPONSES = tuple(secrets.token_hex(16) for _ in SIDE_NAMES)
MARKS = (str(ASSIGNMENT), str(DONE), str(DONE + 1), str(SIZE))
CUT = re.compile("|".join((*MARKS, OPENING, *RESPONSES, CSRF_TOKEN, FORM_TOKEN)))
PERSON, BENCH = (secrets.token_hex(16) for _ in range(2))


def is_untouched(page: BenchPage) -> bool:
    return not (page.draft or page.is_lapsed or page.opens_guidelines)


def render_untouched(page: BenchPage, csrf_token: str) -> SafeString:
    shown = page.presentation
    alike = Alike(
        rubric_version_id=page.rubric.id,
        n_responses=len(shown.responses),
        n_passages=shown.n_passages,
        n_steps=shown.n_steps,
        is_plain=shown.is_plain,
        queue_title=page.progress.queue_title,
        authority=page.authority,
        offered=page.offered,
        language=get_language(),
    )
    filling = {
        str(ASSIGNMENT): str(shown.assignment),
        str(DONE): str(page.progress.done),
        str(DONE + 1): str(page.number),
        str(SIZE): str(page.progress.size),
        OPENING: shown.opening,
        CSRF_TOKEN: csrf_token,
        FORM_TOKEN: secrets.token_hex(4),
    }
    filling |= zip(RESPONSES, (one.html for one in shown.responses), strict=False)
    # Of the template's own pieces, and of what was made safe to be shown.
    text = "".join(filling.get(piece, piece) for piece in _pieces(alike))
    return mark_safe(text)  # noqa: S308


@lru_cache(maxsize=256)
def _pieces(alike: Alike) -> tuple[str, ...]:
    """The fragment cut at its marks, which stand as pieces of their own."""
    rubric = get_rubric_version(alike.rubric_version_id)
    context = {
        "page": _page_of_marks(alike),
        "form": JudgmentForm(
            rubric,
            alike.n_responses,
            token=FORM_TOKEN,
            authority=alike.authority,
            offered=alike.offered,
            n_steps=alike.n_steps,
        ),
        "skip_form": SkipForm(),
        "csrf_token": CSRF_TOKEN,
    }
    text = render_to_string(FRAGMENT, context)
    return tuple(re.split(f"({CUT.pattern})", text))


def _page_of_marks(alike: Alike) -> BenchPage:
    return BenchPage(
        presentation=Presentation(
            assignment=ASSIGNMENT,
            batch=UUID(int=0),
            opening=mark_safe(OPENING),  # noqa: S308
            responses=tuple(
                ShownResponse(name=name, html=mark_safe(mark))  # noqa: S308
                for name, mark in zip(SIDE_NAMES, RESPONSES, strict=True)
            )[: alike.n_responses],
            n_passages=alike.n_passages,
            n_steps=alike.n_steps,
            is_plain=alike.is_plain,
        ),
        rubric=get_rubric_version(alike.rubric_version_id),
        progress=Progress(queue_title=alike.queue_title, size=SIZE, done=DONE),
        is_lapsed=False,
        draft=MappingProxyType({}),
        opens_guidelines=False,
        authority=alike.authority,
        offered=alike.offered,
    )


def render_whole(page: BenchPage, bench: str, username: str, csrf_token: str) -> str:
    """The page of a bench, where no message waits to be shown."""
    filling = {PERSON: escape(username), CSRF_TOKEN: csrf_token, BENCH: bench}
    pieces = _whole_pieces(page.progress.queue_title, get_language())
    return "".join(filling.get(piece, piece) for piece in pieces)


@lru_cache(maxsize=256)
def _whole_pieces(queue_title: str, language: str | None) -> tuple[str, ...]:
    context = {
        "page": {"progress": {"queue_title": queue_title}},
        "user": get_user_model()(username=PERSON),
        "bench": BENCH,
        "csrf_token": CSRF_TOKEN,
    }
    with override(language):
        text = render_to_string(WHOLE, context)
    return tuple(re.split(f"({PERSON}|{CSRF_TOKEN}|{BENCH})", text))
