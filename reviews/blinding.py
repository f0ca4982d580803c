"""Masking: text that names its own author is shown without the name.

Identity is hidden, not unidentifiable: style can still tell. What is masked are
the names that the item's own provenance gives (model, vendor) and a list of
well-known ones, as whole words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reviews.folding import fold, readings

# One width for every name: the length of a gap must not tell who is in it.
MASK = "[masked]"

# Names that are no ordinary words. Those that are (Claude is a person, a mistral
# is a wind, palm is an oil) are masked where the provenance gives them or where
# a text introduces itself with them.
WELL_KNOWN = (
    "OpenAI", "ChatGPT", "GPT", "Anthropic", "DeepMind", "DeepSeek", "Mistral AI",
    "Mixtral", "Qwen", "Alibaba Cloud", "Databricks", "Moonshot AI",
    "Zhipu", "ChatGLM", "LMSYS", "xAI", "Meta AI", "Google AI",
    "Microsoft Copilot", "Nemotron", "StableLM", "Hugging Face", "Perplexity AI",
)  # fmt: skip
INTRODUCED = (
    "Claude", "Gemini", "Bard", "Llama", "Mistral", "PaLM", "Gemma", "Grok", "Kimi",
    "Command R", "Copilot", "Falcon", "Alpaca", "Nova", "Phi", "Yi", "Bloom",
    "Cohere", "Vicuna",
)  # fmt: skip

NAMING_KEYS = {"vendor", "provider", "developer", "family", "author", "system"}
VERSION = r"(?:[ \-_.]?v?\d(?:[\w.\-]{0,40}\w)?)?"
CUE = (
    r"(?:\b(?:(?<!such )as|i am|i.m|am called|my name is|this is|called|assistant)"
    r"(?:\s(?:an?|the))?\s)"
)


@dataclass(frozen=True)
class Masked:
    content: Any
    # What was masked, as written in the original, and how often.
    found: Mapping[str, int]


def mask_content(
    content: Any, provenance: Mapping[str, Any], extra: Iterable[str] = ()
) -> Masked:
    """Mask every text in `content`; `extra` names come on top of the known ones."""
    given = [*_names(provenance), *extra]
    names = _Names(
        _introduced(given), _whole(given), _bare(given), _words(_stems(given), content)
    )
    found: Counter[str] = Counter()

    def mask(text: str) -> str:
        parts, place = [], 0
        for start, end in _places(text, names):
            found[text[start:end]] += 1
            parts += [text[place:start], MASK]
            place = end
        return "".join([*parts, text[place:]])

    return Masked(_walk(content, mask), found)


@dataclass(frozen=True)
class _Names:
    """What to look for in the texts of one item."""

    introduced: re.Pattern[str]
    whole: re.Pattern[str]
    bare: re.Pattern[str] | None
    # Stems that this item uses as words.
    words: set[str]

    def find(self, text: str) -> Iterator[re.Match[str]]:
        yield from self.introduced.finditer(text)
        yield from self.whole.finditer(text)
        for match in self.bare.finditer(text) if self.bare else ():
            if match["version"] or not self._is_word(match):
                yield match

    def _is_word(self, match: re.Match[str]) -> bool:
        return match["name"].lower() in self.words or _opens_sentence(match)


def _opens_sentence(match: re.Match[str]) -> bool:
    """Whether the capital may be that of the sentence and not of a name.

    A name alone on its line is a signature, and "Larkspur here" an introduction.
    """
    if match["name"].isupper():
        return False
    before = re.search(
        r"\W*\Z", match.string[max(0, match.start() - 40) : match.start()]
    )
    starts = match.start() == 0 or re.search(
        r"[.!?\n\u2026]", before[0] if before else ""
    )
    goes_on = re.compile(r"(?!\s+here\b)[^\w\n]{0,9}\w").match(
        match.string, match.end()
    )
    return bool(starts and goes_on)


def _places(text: str, names: _Names) -> list[tuple[int, int]]:
    """Where names stand, in order; those that touch or overlap are one."""
    spans = sorted(
        reading.span(*match.span("name"))
        for reading in readings(text)
        for match in names.find(reading.text)
    )
    places: list[tuple[int, int]] = []
    for start, end in spans:
        if places and start < places[-1][1]:
            places[-1] = (places[-1][0], max(places[-1][1], end))
        else:
            places.append((start, end))
    return places


def _walk(value: Any, change: Callable[[str], str], *, with_keys: bool = False) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_walk(part, change, with_keys=with_keys) for part in value]
    if isinstance(value, dict):
        return {
            # Of the arguments of a call the keys are text; of an item they are not.
            (change(key) if with_keys else key): _walk(
                part, change, with_keys=with_keys or key == "arguments"
            )
            for key, part in value.items()
        }
    return value


def _names(provenance: Any) -> Iterator[str]:
    """Every model and vendor name anywhere in the provenance."""
    if isinstance(provenance, list):
        for part in provenance:
            yield from _names(part)
    elif isinstance(provenance, Mapping):
        for key, value in provenance.items():
            if not isinstance(value, str):
                yield from _names(value)
            elif _names_somebody(key) and _is_name(value.strip()):
                yield fold(value.strip())


def _names_somebody(key: str) -> bool:
    return "model" in key.lower() or key.lower() in NAMING_KEYS


def _is_name(value: str) -> bool:
    """Two characters are a name where one is a digit ("o3"), and else too few."""
    shortest = 2 if any(map(str.isdigit, value)) else 3
    return shortest <= len(value) <= 80


def _introduced(given: list[str]) -> re.Pattern[str]:
    """A name after words with which a text introduces itself."""
    names = {*INTRODUCED, *_stems(given), *_first_words(given)}
    any_name = "|".join(re.escape(name) for name in sorted(names, key=_longest))
    return re.compile(rf"(?i)(?P<cue>{CUE})(?P<name>(?:{any_name}){VERSION})(?!\w)")


def _whole(given: list[str]) -> re.Pattern[str]:
    """A name in full, in any case."""
    names = sorted({*given, *WELL_KNOWN}, key=_longest)
    any_name = "|".join(_spelled(name) for name in names)
    return re.compile(rf"(?i)(?<!\w)(?P<name>(?:{any_name}){VERSION})(?!\w)")


def _bare(given: list[str]) -> re.Pattern[str] | None:
    """The stem of a versioned name where it has a capital.

    The stem of "palm-2" is "palm": "PALM" and "Palm" are masked, and "palm oil"
    survives. An item that speaks of a palm means the tree by "Palm" too.
    """
    stems = sorted(_stems(given))
    if not stems:
        return None
    any_stem = "|".join(f"{stem.capitalize()}|{stem.upper()}" for stem in stems)
    return re.compile(rf"(?<!\w)(?P<name>(?:{any_stem})(?P<version>{VERSION}))(?!\w)")


def _words(stems: set[str], content: Any) -> set[str]:
    """The stems that the content uses as words: in lower case, not as a name."""
    if not stems:
        return set()
    any_stem = "|".join(sorted(stems))
    word = re.compile(rf"(?<!\w)(?P<stem>{any_stem})s?(?!\w)(?![ \-_.]?v?\d)")
    cue = re.compile(rf"(?i){CUE}\Z")
    found: set[str] = set()

    def read(text: str) -> str:
        plain = fold(text)
        for match in word.finditer(plain):
            if not cue.search(plain[max(0, match.start() - 40) : match.start()]):
                found.add(match["stem"])
        return text

    _walk(content, read)
    return found


def _stems(given: list[str]) -> set[str]:
    return {stem for name in given if (stem := _stem(name))}


def _first_words(given: list[str]) -> set[str]:
    """ "Larkspur" of "Larkspur Mini": how such a name speaks of itself."""
    words = (re.split(r"[\s\-_.]", name.rsplit("/", 1)[-1])[0] for name in given)
    return {word for word in words if len(word) >= 4}


def _longest(name: str) -> tuple[int, str]:
    return (-len(name), name)


def _stem(name: str) -> str:
    """The leading word of a versioned name: "palm" of "palm-2"."""
    match = re.match(r"([A-Za-z]{4,})[ \-_.]?v?\d", name.rsplit("/", 1)[-1])
    return match[1].lower() if match else ""


def _spelled(name: str) -> str:
    """The name with any of the separators that people write."""
    parts = re.split(r"[\s\-_.]+", name.rsplit("/", 1)[-1])
    return r"[\s\-_.]?".join(re.escape(part) for part in parts if part)
