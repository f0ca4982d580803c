"""Code with colours, where they can be had in bounded time."""

import re
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from reviews.rendering.parts import split_lines

# Of one piece. Lexers take seconds for a run of blank lines or one endless line;
# without these every lexer below stays under half a second, whatever it is given.
PIECE = 8_000
ENDLESS = re.compile(r"(?:[ \t]*\n){10}|[^\n]{400}")

# What a block of code may call itself, and its lexer. That of Java itself takes
# seconds for ordinary words in a row; that of C# knows nearly the same ones.
LEXERS = {
    "bash": "bash", "c": "c", "c#": "csharp", "c++": "cpp", "cpp": "cpp", "cs": "csharp",
    "csharp": "csharp", "css": "css", "diff": "diff", "dockerfile": "dockerfile",
    "go": "go", "html": "html", "ini": "ini", "java": "csharp", "javascript": "javascript",
    "js": "javascript", "json": "json", "jsx": "javascript", "kotlin": "kotlin",
    "lua": "lua", "patch": "diff", "perl": "perl", "py": "python", "python": "python",
    "r": "r", "rb": "ruby", "rs": "rust", "ruby": "ruby", "rust": "rust",
    "scala": "scala", "sh": "bash", "shell": "bash", "sql": "sql", "swift": "swift",
    "toml": "toml", "ts": "typescript", "tsx": "typescript", "typescript": "typescript",
    "xml": "xml", "yaml": "yaml", "yml": "yaml", "zsh": "bash",
}  # fmt: skip
FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def render_code(shown: str, language: str) -> str:
    """Of a text without hidden characters."""
    code = colour(shown, language)
    if code is None:
        code = "".join(
            f'<span class="part">{escape(part)}</span>' for part in split_lines(shown)
        )
    return f'<div class="highlight"><pre><code>{code}</code></pre></div>'


def colour(shown: str, language: str) -> str | None:
    lexer = LEXERS.get(language.lower())
    if lexer is None or len(shown) > PIECE or ENDLESS.search(shown):
        return None
    return highlight(shown, get_lexer_by_name(lexer, stripnl=False), FORMATTER)
