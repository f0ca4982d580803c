"""What pages say can be translated: every word of a template is marked for gettext."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent.parent / "templates"
PATHS = sorted(TEMPLATES.rglob("*.html"))
# What is marked, and what is not shown as words.
MARKED = re.compile(
    r"{%\s*translate .*?%}|{%\s*blocktranslate.*?endblocktranslate\s*%}", re.DOTALL
)
CLASSES = re.compile(r"{%\s*block \w+_class\s*%}.*?{%\s*endblock\s*%}")
LOGIC = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}")
WORDS = re.compile(r"[^\W\d_]{2,}")
SHOWN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
NOT_PROSE = ("kbd", "code", "pre", "script", "style")
NAMES = ("Touchstone",)


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.not_prose = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.not_prose += tag in NOT_PROSE
        self.found += [
            value
            for name, value in attrs
            if name in SHOWN_ATTRIBUTES and value and has_words(value)
        ]

    def handle_endtag(self, tag: str) -> None:
        self.not_prose -= tag in NOT_PROSE

    def handle_data(self, data: str) -> None:
        if not self.not_prose and has_words(data):
            self.found.append(data.strip())


def has_words(text: str) -> bool:
    words = WORDS.findall(text)
    return any(word not in NAMES for word in words)


def find_unmarked(template: str) -> list[str]:
    # In a place of their own: what stands beside a mark is still beside it.
    for ignored in (MARKED, CLASSES, LOGIC):
        template = ignored.sub(" ", template)
    words = Words()
    words.feed(template)
    return words.found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_word_of_a_template_is_marked(path):
    assert find_unmarked(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_date_of_a_template_is_written_as_its_language_does(path):
    formats = re.findall(r"""\|date:["']([^"']*)""", path.read_text(encoding="utf-8"))

    # "c" is for machines.
    assert {one for one in formats if not one.endswith("_FORMAT")} <= {"c"}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Left {% translate 'marked' %}</p>", ["Left"]),
        ("<p>{% blocktranslate %}All of {{ it }}{% endblocktranslate %}</p>", []),
        ('<a title="Open {{ it }}" href="/x">…</a>', ["Open  "]),
        ("<kbd>Esc</kbd> {{ name }} · Touchstone", []),
        ("{% block page_class %}page--wide{% endblock %}", []),
        ("{# a note #}{% if a %}<b>yes</b>{% endif %}", ["yes"]),
    ],
)
def test_words_that_are_not_marked_are_found(template, found):
    assert find_unmarked(template) == found
