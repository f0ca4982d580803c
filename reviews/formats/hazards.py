"""Values that are valid JSON and still cannot be kept as they are."""

import json
from collections.abc import Iterator

import msgspec

from reviews.formats.items import MAX_DEPTH, MAX_NUMBER

_SAME_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_LONG = b"0" * 16
NUL = "expected text without NUL characters (U+0000)"
TOO_BIG = f"expected a number between -{MAX_NUMBER} and {MAX_NUMBER}; write it as text"
TOO_DEEP = f"expected at most {MAX_DEPTH} levels of nesting"


class _RepeatedKey(Exception):
    pass


def has_nul(encoded: bytes) -> bool:
    """Whether canonical JSON may hold a NUL; text can look as if it did."""
    # One byte is found much faster than six.
    return b"\\" in encoded and b"\\u0000" in encoded


def has_extremes(encoded: bytes) -> bool:
    """Whether a number may be too big or the nesting too deep."""
    if encoded.count(b"{") + encoded.count(b"[") > MAX_DEPTH:
        return True
    digits = encoded.translate(_SAME_DIGITS)
    return _LONG in digits or b"0e0" in digits or b"0e+0" in digits


def find_hazards(field: str, value: object) -> list[tuple[str, str]]:
    """Where the NULs, the numbers that are too big and the nests too deep are."""
    return list(_walk(field, msgspec.to_builtins(value), 0))


def _walk(field: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if "\0" in value:
            yield field, NUL
    elif isinstance(value, int | float):
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            yield field, TOO_BIG
    elif isinstance(value, dict | list):
        if depth == MAX_DEPTH:
            yield field, TOO_DEEP
            return
        for path, inner in _children(field, value):
            yield from _walk(path, inner, depth + 1)


def _children(
    field: str, value: dict[str, object] | list[object]
) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield f"{field}[{place}]", inner
        return
    for key, inner in value.items():
        yield f"{field}.{key}", inner
        yield f"{field}.{key}", key


def find_repeated_key(raw: bytes) -> tuple[str, str] | None:
    """The first key that stands twice in one object of a valid line."""
    try:
        json.loads(raw, object_pairs_hook=_refuse_repeated, parse_int=str)
    except _RepeatedKey as error:
        return str(error), "expected each key once in an object, found it twice"
    return None


def _refuse_repeated(pairs: list[tuple[str, object]]) -> None:
    keys = set()
    for key, _ in pairs:
        if key in keys:
            raise _RepeatedKey(key)
        keys.add(key)
