"""Hostile text does nothing but show itself."""

import re
import time
from html import escape

import pytest

from reviews.rendering import Budget, excerpt, render, reveal_hidden
from reviews.rendering.budget import CHARACTERS
from reviews.rendering.code import LEXERS

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


def markdown(text: str) -> str:
    return render(text, "markdown")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_holds_nothing_active(text):
    html = markdown(text)

    assert not ACTIVE.search(html), html


def test_the_check_itself_sees_what_is_active():
    assert all(
        ACTIVE.search(html)
        for html in ("<script>", "<a href=x>", "<p style=x>", "<p onclick=x>", "<img>")
    )


def test_the_words_of_a_script_are_still_there_to_be_read():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in markdown(HOSTILE[0])


def test_links_and_images_show_where_they_would_lead():
    html = markdown("[shop](https://a.example) ![logo](https://b.example/l.png)")

    assert "<code>https://a.example</code>" in html
    assert "[image: logo]" in html
    assert "<code>https://b.example/l.png</code>" in html


def test_code_is_highlighted_and_tables_are_tables():
    html = markdown("```python\ndef f(): pass\n```\n\n|a|\n|-|\n|b|\n")

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
        "![a\u202e" * 50_000,
        "```json\n" + "[" * 190_000 + "\n```",
        "```python\n" + "\n " * 100_000,
        "\n" * 200_000,
        "$$\na\n---\n\n- \n  $a" * 11_000,
        "\\begin{a}x\n- a\n  > b\n" * 9_000,
        "".join(">" * depth + " a\n" for depth in range(600)),
    ],
)
def test_200_kb_of_text_take_no_second_of_work(text):
    start = time.process_time()

    markdown(text)

    assert time.process_time() - start < 1


def test_long_markdown_is_formatted_to_its_end_in_parts():
    paragraph = "Some **bold** words and a line that goes on for a while.\n\n"

    html = markdown(paragraph * 3_500)

    assert html.count("<strong>bold</strong>") == 3_500
    assert html.count('<div class="part">') > 10


def test_a_long_block_of_code_stays_one_block():
    html = markdown("before\n\n```\n" + "x = 1\n\n" * 3_000 + "```\n\n*after*")

    assert html.count("<pre>") == 1
    assert html.count("x = 1") == 3_000
    assert "<em>after</em>" in html


def test_a_part_of_a_text_that_is_hostile_spoils_no_other_part():
    fine = "Some *good* words and a few more of them.\n\n" * 250

    html = markdown(f"{fine}{'[' * 9_000}\n\n{fine}")

    assert html.count("<em>good</em>") > 400
    assert "[[[[" in html


def test_ten_megabytes_show_their_start_and_their_end_and_how_much_is_missing():
    html = markdown("start " + "word " * 2_000_000 + "end")

    assert html.startswith('<div class="part"><p>start word')
    assert html.endswith("word end</p>\n</div>")
    assert "9,400,009 characters are not shown." in html
    assert len(html) < 2 * CHARACTERS


def test_texts_of_one_item_share_a_budget():
    budget = Budget()
    render("a" * CHARACTERS, "markdown", budget)

    html = render("**late**", "markdown", budget)

    assert "8 characters are not shown." in html
    assert "late" not in html


@pytest.mark.parametrize(
    "formula",
    [
        "$a_1 * b_1 * c$",
        r"\(x_1 * y * z_1\)",
        r"$$\sum_i x_i * y_i$$",
        "$$\na = b\n- c\n$$",
        r"\[ a_1 \_ b_1 \]",
        "\\begin{align}\na &= b \\\\\nc\n\\end{align}",
    ],
)
def test_a_formula_is_shown_as_it_was_written(formula):
    html = markdown(f"See\n{formula}\nthere *now*.")

    assert f'class="formula">{escape(formula)}<' in html
    assert "<em>now</em>" in html


def test_prices_are_no_formula():
    assert "formula" not in markdown("It costs $5 and $6, or $5-$6.")


def test_an_address_that_is_defined_apart_is_shown():
    assert "[r]: https://evil.example" in markdown("[r]: https://evil.example\n\n[r]")


@pytest.mark.parametrize("language", sorted(LEXERS))
def test_every_language_is_coloured(language):
    code = '+<b>1</b>\nif (a == "b") return 1;'

    assert "<span class=" in markdown(f"```{language}\n{code}\n```")


def test_a_small_value_is_one_line():
    html = render({"note": "</code><script>", "n": 1}, "value")

    assert html.count("fold__line") == 1
    assert "&lt;/code&gt;&lt;script&gt;" in html
    assert not ACTIVE.search(html)


def test_a_large_value_folds():
    html = render({"rows": [{"id": n, "name": "x" * 60} for n in range(20)]}, "value")

    assert html.count("<details><summary>") == 1
    assert "20 entries" in html


def test_a_long_text_in_a_value_has_its_lines():
    html = render({"path": "a.py", "content": "one\ntwo <b>"}, "value")

    assert '<div class="fold__text">one\ntwo &lt;b&gt;</div>' in html


@pytest.mark.parametrize("depth", [60, 900, 20_000])
def test_a_value_of_any_depth_is_shown(depth):
    assert "[[[[" in render("[" * depth + "]" * depth, "output")


def test_output_of_a_tool_that_is_no_json_is_shown_as_it_is():
    assert "exit 1 &lt;b&gt;" in render("exit 1 <b>", "output")


def test_output_of_a_tool_is_shown_with_its_structure():
    html = render('{"order": 17, "state": "sent"}', "output")

    assert html.startswith('<div class="highlight fold">')


def test_an_excerpt_is_one_short_line():
    assert excerpt("one\n two " + "x" * 200, 12) == "one two xxx…"
