"""Long texts in parts: each costs little to parse, and a browser lays out those in
sight only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A part ends at the first good place after SOFT, and at HARD wherever it is.
SOFT = 8_000
HARD = 12_000
FENCE = re.compile(r"(`{3,}|~{3,})([^`\n]*)\n?\Z")


@dataclass(frozen=True)
class Part:
    """Markdown, or the inside of a long block of code with its language."""

    text: str
    is_code: bool = False
    language: str = ""


def split_markdown(text: str) -> Iterator[Part]:
    """In parts that may be rendered each by itself."""
    if len(text) <= HARD:
        yield Part(text)
        return
    lines = iter(text.splitlines(keepends=True))
    prose: list[str] = []
    for line in lines:
        fence = FENCE.match(line)
        if not fence:
            prose.append(line)
            continue
        code = "".join(_until_closed(lines, fence[1]))
        if len(code) <= SOFT:
            prose.append(f"{line.rstrip()}\n{code}{fence[1]}\n")
            continue
        yield from _split_prose(prose)
        prose = []
        yield Part(code, True, fence[2].strip())
    yield from _split_prose(prose)


def _until_closed(lines: Iterator[str], fence: str) -> Iterator[str]:
    for line in lines:
        mark = line.strip()
        if mark.startswith(fence) and not mark.strip(fence[0]):
            return
        yield line if line.endswith("\n") else line + "\n"


def _split_prose(blocks: list[str]) -> Iterator[Part]:
    """`blocks`: lines, and short blocks of code in one piece."""
    part: list[str] = []
    size = 0
    for place, block in enumerate(blocks):
        for piece in _pieces(block):
            if part and size + len(piece) > HARD:
                yield Part("".join(part))
                part, size = [], 0
            part.append(piece)
            size += len(piece)
        if size > SOFT and _is_gap(blocks, place):
            yield Part("".join(part))
            part, size = [], 0
    if part:
        yield Part("".join(part))


def _is_gap(blocks: list[str], place: int) -> bool:
    """A blank line before one that belongs to nothing above it."""
    following = blocks[place + 1][:1] if place + 1 < len(blocks) else ""
    return not blocks[place].strip() and not following.isspace()


def _pieces(block: str) -> Iterator[str]:
    for start in range(0, len(block), HARD):
        yield block[start : start + HARD]


def split_lines(text: str) -> Iterator[str]:
    """Text that is shown as it is, in parts that end where lines do."""
    part: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        for piece in _pieces(line):
            part.append(piece)
            size += len(piece)
            if size > SOFT:
                yield "".join(part)
                part, size = [], 0
    if part:
        yield "".join(part)
