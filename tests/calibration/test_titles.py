"""What pages say in place of the keys of a rubric version."""

import pytest

from calibration.queries.titles import Titles

TITLES = Titles(
    criteria={"tone": "Tone of voice", "kinds": "What went wrong"},
    options={("kinds", "late"): "Too late", ("tone", "bad"): "Rude"},
)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("tone", "Tone of voice"),
        ("kinds/late", "What went wrong: Too late"),
        ("kinds/other", "What went wrong: other"),
        ("gone", "gone"),
        ("gone/late", "gone/late"),
    ],
)
def test_title_stands_for_a_key_and_for_a_label(key: str, title: str):
    assert TITLES.of(key) == title


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("tone: alpha .2: low", "Tone of voice: alpha .2: low"),
        ("2 disputes are open", "2 disputes are open"),
        ("and/or: what else", "and/or: what else"),
    ],
)
def test_reason_begins_with_the_title(said: str, shown: str):
    assert TITLES.in_reason(said) == shown
