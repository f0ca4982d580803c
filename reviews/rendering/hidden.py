"""Characters that hide, made visible."""

import re

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


def excerpt(text: str, length: int = 140) -> str:
    """One line for a list."""
    # Enough to fill a line, unless nearly all of it is blank.
    line = " ".join(reveal_hidden(text[: 20 * length]).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "\u2026"
