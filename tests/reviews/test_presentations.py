"""Pieces of HTML that are kept, and when they may be shown."""

from datetime import timedelta

from reviews.models import Item, Presentable
from reviews.queries.presentations import get_item_content
from reviews.rendering.pieces import make_pieces
from reviews.services.presentations import prepare_presentables
from tests.conftest import Cast
from tests.factories import NOW, make_item

CONTENT = {
    "messages": [{"role": "user", "content": "Which *one*?"}],
    "context": [{"text": "passage one"}, {"title": "Two", "text": "passage two"}],
    "responses": [{"text": "**left**"}, {"text": "<script>"}],
}


def make_prepared(cast: Cast) -> Item:
    item = make_item(cast.project, content=CONTENT)
    prepare_presentables(item_ids=[item.pk], now=NOW)
    return item


def test_an_item_is_kept_as_the_html_of_its_parts(cast):
    item = make_prepared(cast)

    shown = get_item_content(item.pk)

    assert shown is not None
    assert "<em>one</em>" in shown.opening
    assert "passage two" in shown.opening
    assert [one.html.strip() for one in shown.responses] == [
        "<p><strong>left</strong></p>",
        "<p>&lt;script&gt;</p>",
    ]
    assert list(shown.passages) == [1, 2]


def test_what_is_kept_is_what_would_be_made(cast):
    item = make_prepared(cast)

    kept = Presentable.objects.get(item=item)

    made = make_pieces(kept.content)
    assert (kept.opening, tuple(kept.responses)) == (made.opening, made.responses)
    assert (kept.n_passages, kept.n_steps) == (made.n_passages, made.n_steps)


def test_kept_pieces_are_shown_without_looking_at_the_text(cast):
    item = make_prepared(cast)
    Presentable.objects.update(opening="<p>kept</p>")

    shown = get_item_content(item.pk)

    assert shown is not None
    assert shown.opening == "<p>kept</p>"


def test_pieces_that_were_made_in_another_way_are_never_shown(cast):
    item = make_prepared(cast)
    Presentable.objects.update(opening="<script>old</script>", made_with="old")

    shown = get_item_content(item.pk)

    assert shown is not None
    assert "<em>one</em>" in shown.opening
    assert "old" not in shown.opening


def test_pieces_that_were_made_in_another_way_are_made_anew_and_masked_no_more(cast):
    item = make_prepared(cast)
    before = Presentable.objects.get(item=item)
    Presentable.objects.update(opening="", responses=[], made_with="old")

    prepare_presentables(item_ids=[item.pk], now=NOW + timedelta(days=1))

    after = Presentable.objects.get(item=item)
    assert (after.opening, after.responses) == (before.opening, before.responses)
    assert after.made_with == before.made_with
    assert after.prepared_at == NOW
