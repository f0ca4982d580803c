"""Masking: names of authors go, ordinary words stay."""

import time
from typing import Any

import pytest

from reviews.blinding import MASK, mask_content

PROVENANCE = {
    "responses": [
        {"model": "palm-2", "vendor": "Fernhill AI"},
        {"model": "acme/larkspur-2-mini"},
    ],
    "model_b": "bloom-7b",
    "parameters": {"temperature": 0.2},
}


def mask(text: str, provenance: Any = PROVENANCE, extra: Any = ()) -> Any:
    return mask_content(text, provenance, extra).content


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("I am palm-2.", f"I am {MASK}."),
        ("PALM 2 wrote this", f"{MASK} wrote this"),
        ("made by fernhill ai", f"made by {MASK}"),
        ("As Palm, I cannot", f"As {MASK}, I cannot"),
        ("as a palm-based model", f"as a {MASK}-based model"),
        ("my name is larkspur", f"my name is {MASK}"),
        ("larkspur-2-mini here", f"{MASK} here"),
        ("BLOOM said so", f"{MASK} said so"),
        ("As Claude, I would", f"As {MASK}, I would"),
        ("I'm Gemini 2.5 and", f"I'm {MASK} and"),
        ("I\u2019m ChatGPT", f"I\u2019m {MASK}"),
        ("trained by OpenAI", f"trained by {MASK}"),
        ("gpt-4o-mini", MASK),
    ],
)
def test_name_of_an_author_is_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Fry it in palm oil.",
        "Palmer and Larkspurs",
        "a field of larkspur in bloom",
        "My friend Claude sings under the sign of Gemini.",
        "the mistral blows; a llama spits",
        "impalm-2x",
    ],
)
def test_ordinary_word_survives(text):
    assert mask(text) == text


def test_capital_of_a_word_that_the_item_uses_is_no_name():
    content = {
        "prompt": "My dog ate your larkspur seeds.",
        "responses": [{"text": "Your Larkspur is poisonous. LARKSPUR harms dogs."}],
    }

    assert mask_content(content, PROVENANCE).content == content


@pytest.mark.parametrize(
    "text",
    [
        "Call the vet. Larkspur is poisonous to dogs.",
        "Larkspur is poisonous.",
        "Poisonous:\n- Larkspur, all of it",
        "plants such as larkspur",
    ],
)
def test_capital_of_a_sentence_is_no_name(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call us. Larkspur-2 can help.", f"Call us. {MASK} can help."),
        ("Hello. As Larkspur, I can", f"Hello. As {MASK}, I can"),
        ("Hi! Larkspur here, at hand", f"Hi! {MASK} here, at hand"),
        ("Kind regards,\nLarkspur", f"Kind regards,\n{MASK}"),
        ("I read what Larkspur said", f"I read what {MASK} said"),
        ("My name is larkspur. Ask Larkspur!", f"My name is {MASK}. Ask {MASK}!"),
        ("larkspur as I am Larkspur", f"larkspur as I am {MASK}"),
        ("some larkspur by Larkspur 2", f"some larkspur by {MASK}"),
    ],
)
def test_name_is_masked_wherever_it_is_told_as_one(text, masked):
    assert mask(text) == masked


def test_mask_is_the_same_width_for_every_name():
    assert mask("palm-2") == mask("larkspur-2-mini") == mask("OpenAI")


def test_texts_at_any_depth_are_masked_and_everything_else_stays():
    content = {
        "responses": [{"text": "I am palm-2"}],
        "steps": [{"arguments": {"by": ["palm-2", 3, None, True]}}],
    }

    masked = mask_content(content, PROVENANCE)

    assert masked.content == {
        "responses": [{"text": f"I am {MASK}"}],
        "steps": [{"arguments": {"by": [MASK, 3, None, True]}}],
    }
    assert masked.found == {"palm-2": 2}


def test_original_is_left_as_it_was():
    content = {"prompt": "palm-2"}

    mask_content(content, PROVENANCE)

    assert content == {"prompt": "palm-2"}


def test_name_from_the_configured_list_is_masked():
    assert mask("ask Project Heron", {}, ["Project Heron"]) == f"ask {MASK}"


def test_name_with_pattern_characters_is_taken_as_it_is():
    assert mask("m(a)[b+ and maab", {"model": "m(a)[b+"}) == f"{MASK} and maab"


def test_long_hostile_text_is_masked_in_reasonable_time():
    text = "as a " * 200_000 + "palm-2"

    assert mask(text).endswith(MASK)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("**Lark**spur-2 here", f"**{MASK} here"),
        ("Lark\u200bspur\u20112", MASK),
        ("La\u00adrkspur 2", MASK),
        ("Lаrkspur-2", MASK),  # noqa: RUF001
        ("Ｌａｒｋｓｐｕｒ-2", MASK),  # noqa: RUF001
        ("Lárkspur-2", MASK),
        ("&#76;arkspur-2", MASK),
        ("Lark&shy;spur-2 said", f"{MASK} said"),
        ("Lark<b>spur</b>-2", MASK),
        ("`larkspur-2-mini`", f"`{MASK}`"),
        ("larkspur\\-2\\-mini", MASK),
        ("It is Larkspur's answer", f"It is {MASK}'s answer"),
        ("by Larkspur\u2019s hand", f"by {MASK}\u2019s hand"),
        ("Lark-\nspur-2", MASK),
        ("GPT\u20114o", MASK),
        ("As\nClaude, I", f"As\n{MASK}, I"),
        ("fernhill\nai", MASK),
    ],
)
def test_name_in_disguise_is_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 ~ 6 \\ `x` &amp; <b>bold</b> caf\u00e9 \u2013 na\u00efve \u0432\u043e\u0434\u0430",
        "all parts cohere",
        "a scarf of vicuna wool",
        "by hand-\nmade means",
    ],
)
def test_text_without_names_stays_to_the_letter(text):
    assert mask(text) == text


def test_what_was_masked_is_logged_as_it_stands():
    masked = mask_content("Lark\u200bspur-2 and **OpenAI**", PROVENANCE)

    assert masked.found == {"Lark\u200bspur-2": 1, "OpenAI": 1}


@pytest.mark.parametrize(
    ("model", "text"),
    [("o3", "I am o3."), ("Larkspur Mini", "I'm Larkspur."), ("Ｌark 9", "Lark 9")],  # noqa: RUF001
)
def test_name_of_any_shape_is_masked(model, text):
    assert MASK in mask(text, {"model": model})


def test_keys_of_arguments_are_masked_and_those_of_the_item_stay():
    content = {"steps": [{"arguments": {"palm-2": {"OpenAI": 1}}}], "palm-2": "x"}

    masked = mask_content(content, PROVENANCE)

    assert masked.content == {
        "steps": [{"arguments": {MASK: {MASK: 1}}}],
        "palm-2": "x",
    }


@pytest.mark.parametrize(
    "piece",
    [
        "as a as a ",
        "GPT-4.",
        "&#",
        "<b",
        "*" * 50,
        "GPT-4-------",
        "\u0430",
        "i m i'm ",
    ],
)
def test_hostile_megabyte_takes_seconds_at_most(piece):
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    started = time.process_time()

    mask(text)

    assert time.process_time() - started < 5
