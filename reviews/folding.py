"""Text as it reads: what a name looks like whatever it is written with.

A name can be broken by marks that a page does not show (`**Lark**spur`, a
zero-width space, `Lark&shy;spur`) or spelled with letters that only look right.
Names are looked for in the text as it reads, and found places are given back as
places of the text as it stands.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# Letters of other alphabets that look like Latin ones.
LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјкорсухԁԛԝһαορνικτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABESIJKMHOPCTXYaesijkopcyxdqwhaopviktABEZHIKMNOPTYX",
)
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
# Not shown, or shown as something else than a character of the word it stands in.
UNSEEN = re.compile(
    r"(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});)"
    r"|(?:[-\u2010]\n[ \t]*"
    r"|</?[A-Za-z][^<>]{0,100}>|<!--[^<>]{0,100}-->"
    r"|[*`~\\\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\u0300-\u036f"
    r"\U000e0000-\U000e0fff])+"
)


class _Look(dict[int, int]):
    """For each character, the one that it looks like; worked out once."""

    def __missing__(self, code: int) -> int:
        self[code] = LOOK_ALIKE.get(code) or _plain(code)
        return self[code]


def _plain(code: int) -> int:
    if chr(code) in DASHES:
        return ord("-")
    spelled = unicodedata.normalize("NFKD", chr(code))
    if all(unicodedata.combining(mark) for mark in spelled[1:]):
        return LOOK_ALIKE.get(ord(spelled[0]), ord(spelled[0]))
    return code


LOOK = _Look()


def fold(text: str) -> str:
    """The text in plain letters, as long as it was."""
    return text if text.isascii() else text.translate(LOOK)


@dataclass(frozen=True)
class Reading:
    """A text as it reads, and where each piece of it stands in the original."""

    text: str
    # Where the pieces begin: here, in the original; and where an entity ends there.
    here: list[int]
    there: list[int]
    ends: list[int | None]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of the characters from `start` to `end`."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, index: int) -> tuple[int, int]:
        piece = bisect_right(self.here, index) - 1
        end = self.ends[piece]
        if end is not None:
            return self.there[piece], end
        place = self.there[piece] + index - self.here[piece]
        return place, place + 1


def readings(text: str) -> Iterator[Reading]:
    """The text letter by letter, and, where something in it is unseen, without it."""
    yield Reading(fold(text), [0], [0], [None])
    if UNSEEN.search(text):
        yield _without_unseen(text)


def _without_unseen(text: str) -> Reading:
    reading = Reading("", [], [], [])
    pieces: list[str] = []
    length = place = 0

    def add(piece: str, at: int, end: int | None) -> None:
        nonlocal length
        if piece:
            pieces.append(fold(piece))
            reading.here.append(length)
            reading.there.append(at)
            reading.ends.append(end)
            length += len(piece)

    for match in UNSEEN.finditer(text):
        add(text[place : match.start()], place, None)
        if match["entity"]:
            shown = UNSEEN.sub("", html.unescape(match["entity"]))
            add(shown, match.start(), match.end())
        place = match.end()
    add(text[place:], place, None)
    return Reading("".join(pieces), reading.here, reading.there, reading.ends)
