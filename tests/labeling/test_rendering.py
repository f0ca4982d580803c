"""Hostile text does nothing but show itself."""

import re
import time

import pytest

from labeling.rendering import excerpt, render_json, render_markdown, reveal_hidden
from labeling.templatetags.content import render_output

# Everything that a page could run, load, follow or be restyled by.
ACTIVE = re.compile(
    r"<(?!/?(p|br|hr|ul|ol|li|blockquote|pre|code|em|strong|s|table|thead|tbody|tr|th"
    r"|td|span|div)\b)|<[^>]*\b(href|src|style|on\w+|action|id|name)\s*=",
    re.IGNORECASE,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<style>body{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    "<form action=//evil.example><input name=a></form>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<!-- --><svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "[x](https://evil.example 'onclick=alert(1)')",
    "![pixel](https://evil.example/p.png)",
    "![a](x\"onerror=\"alert(1))",
    "[r]: https://evil.example\n\n[r] ![r]",
    "<https://evil.example>",
    "```\"><script>alert(1)</script>\ncode\n```",
    "```html\n<script>alert(1)</script>\n```",
    "| a | b |\n|---|---|\n| <script>1</script> | ![x](http://e.example) |",
    "# <a href='javascript:1'>heading</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "> " * 10_000 + "deep",
    ">" * 10_000 + "deep",
    "[" * 10_000,
    "<" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_holds_nothing_active(text):
    html = render_markdown(text)

    assert not ACTIVE.search(html), html


def test_the_check_itself_sees_what_is_active():
    assert all(
        ACTIVE.search(html)
        for html in ("<script>", "<a href=x>", "<p style=x>", "<p onclick=x>", "<img>")
    )


def test_the_words_of_a_script_are_still_there_to_be_read():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in render_markdown(HOSTILE[0])


def test_links_and_images_show_where_they_would_lead():
    html = render_markdown("[shop](https://a.example) ![logo](https://b.example/l.png)")

    assert "<code>https://a.example</code>" in html
    assert "[image: logo]" in html
    assert "<code>https://b.example/l.png</code>" in html


def test_code_is_highlighted_and_tables_are_tables():
    html = render_markdown("```python\ndef f(): pass\n```\n\n|a|\n|-|\n|b|\n")

    assert '<span class="k">def</span>' in html
    assert "<td>b</td>" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"),
        ("\x1b[31mred", "␛[31mred"),
        ("a\x00b\x07", "a␀b␇"),
        ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("over\rwrite", "over␍write"),
        ("two\r\nlines\ttab", "two\nlines\ttab"),
        ("\u0645\u06cc\u200c 👩\u200d🔧", "\u0645\u06cc\u200c 👩\u200d🔧"),
    ],
)
def test_hidden_characters_become_visible_symbols(text, shown):
    assert reveal_hidden(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain words and *emphasis* " * 8_000,
        "- item\n" * 28_000,
        "|a|b|\n|-|-|\n" + "|x|y|\n" * 33_000,
        "*a " * 66_000,
        "![a" * 66_000,
        "```json\n" + "[" * 190_000 + "\n```",
        "\n" * 200_000,
    ],
)
def test_200_kb_of_text_take_no_second(text):
    start = time.perf_counter()

    render_markdown(text)

    assert time.perf_counter() - start < 1


def test_text_beyond_the_limit_is_shown_as_written():
    html = render_markdown("**bold** <b>" + "x" * 60_000)

    assert html.startswith('<div class="prose--plain">**bold** &lt;b&gt;x')


def test_json_is_shown_with_its_structure_and_escaped():
    html = render_json({"note": "</code><script>", "n": 1})

    assert "&lt;/code&gt;&lt;script&gt;" in html
    assert not ACTIVE.search(html)


def test_output_of_a_tool_that_is_no_json_is_shown_as_it_is():
    assert "exit 1 &lt;b&gt;" in render_output("exit 1 <b>")


def test_an_excerpt_is_one_short_line():
    assert excerpt("one\n two " + "x" * 200, 12) == "one two xxx…"
