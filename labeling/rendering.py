"""Model output as HTML that can do nothing but show itself.

Three walls, each enough alone: Markdown is parsed with raw HTML off, links and
images become text, and the result is cleaned against an allow-list.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# Above these, text is shown as it was written: a page must not wait for it.
MARKDOWN_LIMIT = 50_000
HIGHLIGHT_LIMIT = 6_000
DELIMITER_LIMIT = 3_000
# What makes a Markdown parser work long for little.
DELIMITERS = re.compile(r"[\[\]*_`~<&]")
NESTED_QUOTES = re.compile(r"(?:> ?){40}")

# Lexers that stay quick on hostile text (those of C and Java do not: thousands of
# empty lines take seconds); any other code is shown plain.
LEXERS = {
    "bash": "bash", "css": "css", "diff": "diff", "go": "go", "html": "html",
    "javascript": "javascript", "js": "javascript", "json": "json", "py": "python",
    "python": "python", "ruby": "ruby", "rust": "rust", "sh": "bash",
    "shell": "bash", "sql": "sql", "toml": "toml", "ts": "typescript",
    "typescript": "typescript", "xml": "xml",
}  # fmt: skip
FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)

TAGS = {
    "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong",
    "s", "table", "thead", "tbody", "tr", "th", "td", "span", "div",
}  # fmt: skip
ATTRIBUTES = {"span": {"class"}, "div": {"class"}, "p": {"class"}, "ol": {"start"}}

# Characters that hide, reorder or overwrite what stands around them. Joiners
# (U+200C, U+200D) stay: scripts and emoji are written with them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def reveal_hidden(text: str) -> str:
    """The text with control and direction characters made visible symbols."""
    return HIDDEN.sub(_symbol, text.replace("\r\n", "\n"))


def _symbol(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\u27e8U+{code:04X}\u27e9"


def render_plain(text: str) -> str:
    return f'<div class="prose--plain">{escape(reveal_hidden(text))}</div>'


# An item is shown to several reviewers, and a rubric's guidance with every item.
@lru_cache(maxsize=256)
def render_markdown(text: str) -> str:
    if is_too_much(text):
        return render_plain(text)
    html: str = PARSER.render(reveal_hidden(text))
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel=None)


def is_too_much(text: str) -> bool:
    return (
        len(text) > MARKDOWN_LIMIT
        or NESTED_QUOTES.search(text) is not None
        or len(DELIMITERS.findall(text)) > DELIMITER_LIMIT
    )


def render_json(value: Any) -> str:
    text = value if isinstance(value, str) else _dump(value)
    return render_code(text, "json")


def render_code(text: str, language: str) -> str:
    shown = reveal_hidden(text)
    lexer = LEXERS.get(language.lower())
    if lexer is None or len(shown) > HIGHLIGHT_LIMIT:
        code = escape(shown)
    else:
        code = highlight(shown, get_lexer_by_name(lexer, stripnl=False), FORMATTER)
    return f'<div class="highlight"><pre><code>{code}</code></pre></div>'


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def excerpt(text: str, length: int = 140) -> str:
    """One line for a list."""
    line = " ".join(reveal_hidden(text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "\u2026"


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
        address = str(tokens[idx].attrs.get("href", ""))
        env.setdefault("addresses", []).append(address)
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
        address = str(tokens[idx].attrs.get("src", ""))
        words = self.renderInlineAsText(tokens[idx].children, options, env)
        return (
            f'<span class="inert-image">[image: {escape(words)}]</span>'
            f" <code>{escape(address)}</code>"
        )

    def fence(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        code, words = tokens[idx].content, tokens[idx].info.split()
        # The limit is for all the code of a text, not for each piece.
        env["highlighted"] = env.get("highlighted", 0) + len(code)
        if not words or env["highlighted"] > HIGHLIGHT_LIMIT:
            return render_code(code, "")
        return render_code(code, words[0])

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return render_code(tokens[idx].content, "")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=InertRenderer)
    return parser.enable(["table", "strikethrough"])


PARSER = _parser()
