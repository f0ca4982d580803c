r"""LaTeX as it was written: `$...$`, `\(...\)`, `$$...$$`, `\[...\]`, environments.

Without this Markdown would take its backslashes, underscores and stars away.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# Lengths are bounded, so that a text of dollars costs no more than its length.
INLINE = re.compile(
    r"\$\$[^$]{1,1000}\$\$"
    r"|\$(?![\s$])[^$\n]{0,300}(?<![\s\\])\$(?!\d)"
    r"|\\\((?:[^\\]|\\(?!\))){1,1000}\\\)"
    r"|\\\[(?:[^\\]|\\(?!\])){1,1000}\\\]"
)
OPENING = re.compile(r" {0,3}(?:(\$\$)|(\\\[)|\\begin\{(\w{1,20}\*?)\})")
MOST_LINES = 40
LONGEST = 3_000


def keep_formulas(parser: MarkdownIt) -> None:
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.inline.ruler.before("escape", "formula", _inline)
    parser.block.ruler.before("fence", "formula", _block, ends)


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = INLINE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("formula", "span", 0).content = found[0]
    state.pos = found.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = OPENING.match(_line(state, start))
    if found is None:
        return False
    closing = _closing(found)
    place = state.bMarks[start] + found.end()
    if state.src.find(closing, place, place + LONGEST) < 0:
        return False
    for line in range(start, min(end, start + MOST_LINES)):
        text = _line(state, line).rstrip()
        if not text.strip():
            return False
        within = text[found.end() :] if line == start else text
        if within.endswith(closing):
            if not silent:
                _push(state, start, line + 1)
            return True
    return False


def _closing(found: re.Match[str]) -> str:
    if found[1]:
        return "$$"
    return "\\]" if found[2] else f"\\end{{{found[3]}}}"


def _push(state: StateBlock, start: int, end: int) -> None:
    token = state.push("formula_block", "div", 0)
    token.content = "\n".join(_line(state, line) for line in range(start, end))
    token.map = [start, end]
    state.line = end


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
