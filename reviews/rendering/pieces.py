"""An item as pieces of HTML that are made once and shown to many.

The pieces are the same for everybody; in which place a reviewer sees a response is
decided where they are put together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Engine
from django.template.loader import render_to_string
from django.utils.translation import override, to_locale

from reviews.blinding import MASK
from reviews.rendering.budget import Budget
from reviews.rendering.texts import render

OPENING = "reviews/_opening.html"
TEMPLATES = (OPENING, "reviews/_steps.html", "reviews/_step.html")
LIBRARIES = ("Django", "markdown-it-py", "nh3", "Pygments")


@dataclass(frozen=True)
class Message:
    role: str
    text: str


@dataclass(frozen=True)
class Passage:
    number: int
    title: str
    text: str


@dataclass(frozen=True)
class Step:
    number: int
    type: str
    role: str
    name: str
    text: str
    arguments: Any


@dataclass(frozen=True)
class Pieces:
    """Safe HTML: what stands above the responses, and each response in its
    canonical place."""

    opening: str
    responses: tuple[str, ...]
    n_passages: int
    n_steps: int


def make_pieces(content: Mapping[str, Any]) -> Pieces:
    """Kept for everybody, so in the language of the installation, not of a person."""
    with override(settings.LANGUAGE_CODE):
        return _make_pieces(content)


def _make_pieces(content: Mapping[str, Any]) -> Pieces:
    budget = Budget()
    passages, steps = tuple(_passages(content)), tuple(_steps(content))
    opening = render_to_string(
        OPENING,
        {
            "budget": budget,
            # The mask reads the same in a repr.
            "has_mask": MASK in repr(content),
            "messages": tuple(_messages(content)),
            "passages": passages,
            "steps": steps,
        },
    )
    return Pieces(
        opening=opening,
        responses=tuple(
            render(one["text"], "markdown", budget)
            for one in content.get("responses", [])
        ),
        n_passages=len(passages),
        n_steps=len(steps),
    )


@cache
def made_with() -> str:
    """What pieces are made with. Kept ones that were made with something else may
    not be as safe as what is made today: they are made anew."""
    digest = sha256()
    for source in _sources():
        digest.update(source)
    return digest.hexdigest()[:16]


def _sources() -> Iterator[bytes]:
    here = Path(__file__).parent
    for folder in (here, here.parent / "templatetags"):
        for module in sorted(folder.glob("*.py")):
            yield module.read_bytes()
    engine = Engine.get_default()
    for name in TEMPLATES:
        yield engine.get_template(name).source.encode()
    for library in LIBRARIES:
        yield version(library).encode()
    yield settings.LANGUAGE_CODE.encode()
    locale = to_locale(settings.LANGUAGE_CODE)
    for folder in settings.LOCALE_PATHS:
        for catalogue in Path(folder).glob(f"{locale}/LC_MESSAGES/django.mo"):
            yield catalogue.read_bytes()


def _messages(content: Mapping[str, Any]) -> Iterator[Message]:
    if "prompt" in content:
        yield Message(role="user", text=content["prompt"])
        return
    for message in content.get("messages", []):
        yield Message(role=message["role"], text=message["content"])


def _passages(content: Mapping[str, Any]) -> Iterator[Passage]:
    for number, passage in enumerate(content.get("context", []), start=1):
        yield Passage(number, passage.get("title", ""), passage["text"])


def _steps(content: Mapping[str, Any]) -> Iterator[Step]:
    for number, step in enumerate(content.get("steps", []), start=1):
        yield Step(
            number=number,
            type=step["type"],
            role=step.get("role", ""),
            name=step.get("name", ""),
            text=step.get("text", ""),
            arguments=step.get("arguments"),
        )
