"""A decoder's errors in the words of the format."""

import re

from reviews.formats.items import MAX_DEPTH

_AT = re.compile(r" - at `\$\.?(?P<path>.*)`$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`$", re.DOTALL)
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<found>[^`]*)`$")
_LENGTH = re.compile(r"Expected `str` of length (?P<sign><=|>=) (?P<length>\d+)$")
_RANGE = re.compile(r"Expected `float` (?:<=|>=) ")

_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
# What may stand in a field of which not every value of its type will do.
_CHOICES = {
    "kind": "single, pair or trace",
    "role": "system, user, assistant or tool",
    "type": "message, tool_call, tool_result or error",
    "stakes": "low, medium, high or critical",
    "confidence": "a number from 0 to 1",
}


def explain(error: Exception) -> tuple[str, str]:
    """The field, "" for the whole line, and what was expected of it."""
    if isinstance(error, RecursionError):
        return "", f"expected at most {MAX_DEPTH} levels of nesting"
    if isinstance(error, UnicodeDecodeError):
        return "", f"expected UTF-8, found {bytes(error.object[error.start :][:4])!r}"
    text = str(error)
    found = _AT.search(text)
    path = found["path"] if found else ""
    return _explain_text(path, text[: found.start()] if found else text)


def _explain_text(path: str, text: str) -> tuple[str, str]:
    if match := _UNKNOWN.match(text):
        return _join(path, match["key"]), "is not a field of the format"
    if match := _MISSING.match(text):
        return _join(path, match["key"]), "is required and missing"
    name = path.rpartition(".")[2]
    if match := _TYPE.match(text):
        wanted = _CHOICES.get(name) or _in_words(match["wanted"])
        return path, f"expected {wanted}, found {_in_words(match['found'])}"
    if match := _LENGTH.match(text):
        if match["sign"] == ">=":
            return path, "expected text, found nothing"
        return path, f"expected at most {match['length']} characters"
    if _RANGE.match(text) or text.startswith("Invalid enum value"):
        found = text.removeprefix("Invalid enum value ")
        expected = f"expected {_CHOICES.get(name, 'a number within ±2^53')}"
        return path, expected if found == text else f"{expected}, found {found}"
    if path:
        return path, f"expected a value that can be kept: {text}"
    return "", f"expected one JSON object: {text}"


def _in_words(types: str) -> str:
    names = [name.strip() for name in types.split("|")]
    words = [_WORDS.get(name, name) for name in names if name != "null"]
    return " or ".join(dict.fromkeys(words)) or "null"


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
