"""Pages in another language: a made-up one, which puts every text in brackets."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real

from labeling.models import Dispute
from labeling.services.disputes import recheck_items
from reviews.rendering.pieces import make_pieces
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
    make_trace,
)
from tests.test_texts import WORDS, Words

OTHER = "qq"
# Innermost first: what is translated may stand in what is translated.
TRANSLATED = re.compile("⟦[^⟦⟧]*⟧")
# What make_rubric makes.
RUBRIC = "Answer Quality Flaws Score Bad Fair Good"
# Names of things, which are the same in every language.
NAMES = {"Touchstone", "TOML", "en", OTHER}


class BracketTranslation:
    """A catalogue in which there is a translation of everything."""

    def gettext(self, message: str) -> str:
        return f"⟦{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)

    def language(self) -> str:
        return OTHER

    to_language = language


@pytest.fixture
def catalogue(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogues = vars(trans_real)["_translations"]
    monkeypatch.setitem(catalogues, OTHER, BracketTranslation())


@pytest.fixture
def installed(settings: Any, catalogue: None) -> Iterator[None]:
    """The whole installation in the other language."""
    settings.LANGUAGE_CODE = OTHER
    with translation.override(OTHER):
        yield


def left_in_english(page: str, *known: Any) -> set[str]:
    """Words of a page that no catalogue reaches, but for the `known` ones."""
    found = 1
    while found:
        page, found = TRANSLATED.subn(" ", page)
    words = Words()
    words.feed(page)
    names = set(WORDS.findall(" ".join(map(str, known))))
    return set(WORDS.findall(" ".join(words.found))) - names - NAMES


@pytest.mark.parametrize("kind", ["SINGLE", "PAIR", "TRACE"])
def test_the_bench_is_in_the_language(installed, client, cast, kind):
    levels = {"quality": "ORDINAL", "flaws": "MULTI_LABEL", "score": "INTERVAL"}
    version = make_rubric(cast.project, levels=levels)
    queue = make_queue(cast.project, version, reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada, 1)
    item = (
        make_trace(cast.project) if kind == "TRACE" else make_item(cast.project, kind)
    )
    until = timezone.now() + timedelta(hours=1)
    slot = make_slots(queue, item)[0]
    assignment = make_assignment(batch, item, slot, leased_until=until)
    client.force_login(cast.ada.user)

    page = client.get(reverse("labeling:bench", args=[assignment.public_id])).text

    assert "⟦" in page
    assert left_in_english(page, item.content, queue.title, RUBRIC, "ada") == set()


def test_the_review_desk_is_in_the_language(installed, client, cast):
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    client.force_login(cast.ada.user)

    page = client.get(reverse("reviews:desk")).text

    assert queue.title in page
    assert left_in_english(page, queue.title, cast.project.name, "ada") == set()


def test_the_page_of_a_dispute_is_in_the_language(installed, client, cast):
    version = make_rubric(cast.project)
    queue = make_queue(cast.project, version)
    raters = [make_rater(cast.project, f"rater-{n}") for n in range(2)]
    values = zip(raters, ("good", "bad"), strict=True)
    item = make_rated_item(queue, {who: {"quality": value} for who, value in values})
    recheck_items(now=NOW, limit=100)
    dispute = Dispute.objects.get(item=item)
    client.force_login(cast.lea.user)

    page = client.get(
        reverse("labeling:dispute", args=["shop", dispute.public_id])
    ).text

    assert "⟦" in page
    known = (item.content, queue.title, RUBRIC, cast.project.name, "lea")
    assert left_in_english(page, *known) == set()


def test_the_set_up_of_a_queue_is_in_the_language(installed, client, cast):
    client.force_login(cast.lea.user)

    page = client.get(reverse("labeling:queue_setup", args=["shop"])).text

    assert "⟦" in page
    people = "ada ben adam lea"
    assert left_in_english(page, cast.project.name, people) == set()


def test_html_that_is_kept_for_all_is_in_the_language_of_the_installation(catalogue):
    with translation.override(OTHER):
        pieces = make_pieces({"prompt": "How long?", "responses": []})

    assert "Prompt" in pieces.opening
    assert "⟦" not in pieces.opening


def test_the_frame_of_the_bench_is_kept_for_each_language(catalogue, client, cast):
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada, 1)
    item = make_item(cast.project)
    until = timezone.now() + timedelta(hours=1)
    slot = make_slots(queue, item)[0]
    assignment = make_assignment(batch, item, slot, leased_until=until)
    client.force_login(cast.ada.user)
    url = reverse("labeling:bench", args=[assignment.public_id])

    english = client.get(url).text
    with translation.override(OTHER):
        other = client.get(url).text

    assert "Item 1 of 1" in english
    assert "⟦Item 1 of 1⟧" in other
    assert "⟦" not in english
