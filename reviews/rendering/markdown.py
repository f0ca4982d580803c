"""Markdown that neither loads, leads, asks nor restyles."""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from reviews.rendering.code import PIECE, render_code
from reviews.rendering.formulas import keep_formulas

# What makes a parser work long for little.
DELIMITERS = re.compile(r"[\[\]*_`~<&$]")
MOST_DELIMITERS = 1_500
NESTED_QUOTES = re.compile(r"(?:> ?){40}")

TAGS = {
    "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong",
    "s", "table", "thead", "tbody", "tr", "th", "td", "span", "div",
}  # fmt: skip
ATTRIBUTES = {"span": {"class"}, "div": {"class"}, "p": {"class"}, "ol": {"start"}}


def count_delimiters(text: str) -> int:
    """By what they cost: an open bracket makes a parser look far ahead."""
    return len(DELIMITERS.findall(text)) + 2 * text.count("[")


def is_too_much(text: str, delimiters: int) -> bool:
    """Of a part: whether it has more marks than a text that means them."""
    return delimiters > MOST_DELIMITERS or NESTED_QUOTES.search(text) is not None


# An item is shown to several reviewers, and a rubric's guidance with every item.
@lru_cache(maxsize=512)
def parse(text: str, *, has_colours: bool = True) -> str:
    """The HTML of one part."""
    html: str = PARSER.render(text, {"colours": PIECE if has_colours else 0})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel=None)


class InertRenderer(RendererHTML):
    """Links, images and headings without what they do to a page."""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        # A heading of the text is no heading of the page.
        return f'<p class="heading heading--{tokens[idx].tag[1:]}">'

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</p>\n"

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        env.setdefault("addresses", []).append(_address(tokens[idx], "href"))
        return '<span class="inert-link">'

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        address = env["addresses"].pop()
        shown = "".join(one.content for one in tokens[idx - 1 : idx])
        if shown == address:
            return "</span>"
        return f"</span> <code>{escape(address)}</code>"

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        words = self.renderInlineAsText(tokens[idx].children, options, env)
        return (
            f'<span class="inert-image">[image: {escape(words)}]</span>'
            f" <code>{escape(_address(tokens[idx], 'src'))}</code>"
        )

    def fence(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        code, words = tokens[idx].content, tokens[idx].info.split()
        # The limit is for all the code of a part, not for each piece.
        env["colours"] -= len(code)
        if not words or env["colours"] < 0:
            return render_code(code, "")
        return render_code(code, words[0])

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return render_code(tokens[idx].content, "")

    def formula(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f'<span class="formula">{escape(tokens[idx].content)}</span>'

    def formula_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f'<div class="formula">{escape(tokens[idx].content)}</div>\n'


def _address(token: Token, attribute: str) -> str:
    """Where it would lead, and the words that would show under the pointer."""
    address = str(token.attrs.get(attribute, ""))
    title = token.attrs.get("title")
    return f'{address} "{title}"' if title else address


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=InertRenderer)
    keep_formulas(parser)
    # A definition of an address elsewhere in the text would vanish: it is shown.
    return parser.enable(["table", "strikethrough"]).disable("reference")


PARSER = _parser()
