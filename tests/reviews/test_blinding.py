"""Masking: names of authors go, ordinary words stay."""

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


def mask(text, provenance=PROVENANCE, extra=()):
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
