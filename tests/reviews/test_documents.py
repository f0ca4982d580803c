"""Parts of JSON documents: found as a parser finds them, in bounded memory."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.formats.documents import BrokenDocument, Part, read_parts

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


class Trickle:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = io.BytesIO(data)
        self._size = size

    def read(self, size: int) -> bytes:
        return self._stream.read(self._size)


def parts_of(data: bytes, *path: str, limit: int = 10**6, size: int = 10**6):
    found: list[Any] = []
    for one in read_parts(Trickle(data, size), (path,), limit):
        if isinstance(one, BrokenDocument):
            found.append(str(one))
        else:
            found.append(None if one.raw is None else json.loads(one.raw))
    return found


@given(
    st.lists(values, max_size=5), values, st.integers(1, 9), st.sampled_from([None, 1])
)
def test_elements_are_those_that_a_parser_finds(elements, other, size, indent):
    document = {"a": other, "results": {"b": other, "results": elements}, "c": other}
    data = json.dumps(document, indent=indent).encode()

    assert parts_of(data, "results", "results", "*", size=size) == elements


@pytest.mark.parametrize("size", [3, 1000])
def test_documents_may_follow_each_other(size):
    data = b'\xef\xbb\xbf{"a": [1]}\n{"b": [9]} {"a": ["\\\\", "\\""]}\n'

    assert parts_of(data, "a", "*", size=size) == [1, "\\", '"']


def test_a_part_over_the_limit_is_left_and_the_next_one_read():
    data = json.dumps(["x" * 50, "y"]).encode()

    assert parts_of(data, "*", limit=20, size=7) == [None, "y"]


def test_a_document_that_breaks_off_costs_nothing_after_its_line():
    data = b'{"a": [1, "cut\n{"a": [2]}\n{"a" 3}\n{"a": [4]}\n{"a": ['

    found = parts_of(data, "a", "*")

    assert [one for one in found if isinstance(one, int)] == [1, 2, 4]
    assert len([one for one in found if isinstance(one, str)]) == 3
    assert "not valid JSON at byte 15" in found[1]


def test_deep_nesting_is_passed_without_recursion():
    data = b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b', "a": [1]}'

    assert parts_of(data, "a", "*") == [1]


def test_the_path_of_a_part_is_told():
    data = b'{"a": [1], "b": {"c": 2}}'

    found = list(read_parts(io.BytesIO(data), (("a", "*"), ("b", "c")), 100))

    assert found == [Part(("a", "*"), b"1"), Part(("b", "c"), b"2")]
