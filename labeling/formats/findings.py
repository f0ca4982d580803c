"""What a reviewer finds besides the ratings: tags, corrected outputs, marks."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

MOST_TAGS = 20
LONGEST_TAG = 80
LONGEST_CORRECTION = 200_000
MOST_SPANS = 100
LONGEST_QUOTE = 20_000
LONGEST_NOTE = 2_000

PLACES = ("MESSAGE", "PASSAGE", "STEP", "RESPONSE")
# What the bench adds to a text: names of hidden characters, words for an image.
ADDED = re.compile(r"\u27e8U\+[0-9A-F]{4,6}\u27e9|\[image: ")
# What nobody sees: controls, format characters, halves of surrogates.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


class FindingsRefused(Exception):
    """What is wrong, for each part: "tags", "corrections" or "spans"."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class CorrectedOutput:
    """What a response should have been."""

    # Its place on the reviewer's screen, from 1.
    response: int
    text: str


@dataclass(frozen=True)
class MarkedSpan:
    """A part of a text that was marked on the screen.

    `start` says about where, should the same words stand there twice.
    """

    place: str
    # Of the message, passage, step or response, from 1, as on the screen.
    number: int
    quote: str
    start: int = 0
    tag: str = ""
    note: str = ""
    # A claim, and the passage that supports it; None: none does.
    is_claim: bool = False
    passage: int | None = None


@dataclass(frozen=True)
class Findings:
    """All of one judgment."""

    tags: tuple[str, ...] = ()
    corrections: tuple[CorrectedOutput, ...] = ()
    spans: tuple[MarkedSpan, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.corrections or self.spans)


def normalise_tag(tag: str) -> str:
    """One spelling for one tag: case, width, spaces and a leading # tell nothing."""
    plain = unicodedata.normalize("NFKC", tag).casefold()
    kept = "".join(
        " " if char.isspace() else char
        for char in plain
        if char.isspace() or unicodedata.category(char) not in UNSEEN
    )
    return " ".join(kept.split()).strip(" #.,;:")


def split_tags(text: str) -> tuple[str, ...]:
    """Tags as they are typed: between commas, semicolons and line ends."""
    found = (normalise_tag(part) for part in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def normalise(findings: Findings) -> Findings:
    """The findings as they are kept; FindingsRefused names all that is wrong."""
    # The tag of a mark is one of the judgment as well.
    given = (*findings.tags, *(one.tag for one in findings.spans))
    tags = dict.fromkeys(map(normalise_tag, given))
    clean = Findings(
        tags=tuple(tag for tag in tags if tag),
        corrections=tuple(
            replace(one, text=_without_nul(one.text)) for one in findings.corrections
        ),
        spans=tuple(
            replace(one, tag=normalise_tag(one.tag), note=_without_nul(one.note))
            for one in findings.spans
        ),
    )
    faults = [
        *_faults_of_tags(clean.tags),
        *_faults_of_corrections(clean.corrections),
        *_faults_of_spans(clean.spans),
    ]
    if faults:
        raise FindingsRefused(faults)
    return clean


def locate_quote(text: str, quote: str, near: int = 0) -> tuple[int, int] | None:
    """Where the words of a quote stand in a text: (start, end), the nearest.

    A quote comes from the screen, where Markdown has lost its signs and spaces are
    folded: what is not found as it is, is looked for by its letters and digits, and
    then by its first and its last line, between which numbers of a list may stand.
    """
    found = _locate(text, quote.strip(), near)
    lines = [line for line in quote.splitlines() if line.strip()]
    if found or len(lines) < 2:
        return found
    first = _locate(text, lines[0], near)
    last = first and _locate(text[first[1] :], lines[-1], 0)
    return (first[0], first[1] + last[1]) if first and last else None


def _locate(text: str, quote: str, near: int) -> tuple[int, int] | None:
    exact = _nearest(text, quote, near)
    if exact is not None:
        return exact, exact + len(quote)
    quote = ADDED.sub("", quote)
    places = [place for place, char in enumerate(text) if char.isalnum()]
    letters = "".join(text[place] for place in places)
    wanted = "".join(filter(str.isalnum, quote))
    before = sum(place < near for place in places)
    found = _nearest(letters, wanted, before)
    if found is None:
        return None
    return places[found], places[found + len(wanted) - 1] + 1


def _nearest(text: str, wanted: str, near: int) -> int | None:
    if not wanted:
        return None
    return min(
        _occurrences(text, wanted), key=lambda start: abs(start - near), default=None
    )


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + len(wanted))


def _without_nul(text: str) -> str:
    """The database keeps no NUL."""
    return text.replace("\x00", "").strip()


def _faults_of_tags(tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(tags) > MOST_TAGS:
        message = _("Give at most %(most)s tags; these are %(n)s.")
        yield "tags", message % {"most": MOST_TAGS, "n": len(tags)}
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            yield "tags", _too_long(_("The tag “%s…”") % tag[:30], tag, LONGEST_TAG)


def _faults_of_corrections(
    corrections: Sequence[CorrectedOutput],
) -> Iterator[tuple[str, str]]:
    seen = [one.response for one in corrections]
    if len(seen) > len(set(seen)):
        yield "corrections", _("Correct each response once.")
    for one in corrections:
        name = _("The corrected response %s") % one.response
        if not one.text:
            yield "corrections", _("%s is empty.") % name
        elif len(one.text) > LONGEST_CORRECTION:
            yield "corrections", _too_long(name, one.text, LONGEST_CORRECTION)


def _faults_of_spans(spans: Sequence[MarkedSpan]) -> Iterator[tuple[str, str]]:
    if len(spans) > MOST_SPANS:
        message = _("Mark at most %(most)s places; these are %(n)s.")
        yield "spans", message % {"most": MOST_SPANS, "n": len(spans)}
    for one in spans:
        name = _("The mark “%s”") % one.quote.strip()[:30]
        if one.place not in PLACES:
            message = _("%(mark)s is in '%(place)s', which is no text of an item.")
            yield "spans", message % {"mark": name, "place": one.place}
        if not one.quote.strip():
            yield "spans", _("A mark is empty.")
        if one.passage is not None and not one.is_claim:
            yield "spans", _("%s names a passage but is no claim.") % name
        for what, text, longest in (
            (name, one.quote, LONGEST_QUOTE),
            (_("The tag of %s") % name, one.tag, LONGEST_TAG),
            (_("The note of %s") % name, one.note, LONGEST_NOTE),
        ):
            if len(text) > longest:
                yield "spans", _too_long(what, text, longest)


def _too_long(name: str, text: str, longest: int) -> str:
    message = _("%(what)s has %(n)s characters; at most %(most)s are kept.")
    return message % {"what": name, "n": f"{len(text):,}", "most": f"{longest:,}"}
