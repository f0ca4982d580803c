"""Files: lines of any length, CSV, byte order marks, line ends."""

import io
import json
import re
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews.formats.files import Entry, read_csv, read_jsonl
from reviews.formats.items import Fault, ParsedItem
from reviews.formats.mapping import parse_mapping
from reviews.formats.seen import SeenIds
from reviews.formats.tables import InvalidTable
from tests.reviews.lines import make_bad_lines, make_line

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MAPPING = 'id = "n"\nkind = "single"\ncontent = {prompt = "q", responses = ["a"]}\n'
NATIVE_CSV = "id,kind,content.prompt,content.responses[0],content.responses[1]"


def jsonl(*lines: bytes) -> list[Entry]:
    return list(read_jsonl(io.BytesIO(b"\n".join(lines))))


def csv(text: str, mapping: str | None = None) -> list[Entry]:
    parsed = parse_mapping(mapping) if mapping else None
    return list(read_csv(io.BytesIO(text.encode()), parsed))


def ids(entries: list[Entry]) -> list[str | None]:
    return [
        entry.external_id if isinstance(entry, ParsedItem) else None
        for entry in entries
    ]


def test_blank_lines_are_skipped_and_counted():
    entries = jsonl(b"", make_line("a"), b" \t", b"\r", b"{}", make_line("b"))

    assert [entry.line for entry in entries] == [2, 5, 6]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted():
    raw = b"\xef\xbb\xbf" + make_line("a") + b"\r\n" + make_line("b") + b"\r\n"

    assert ids(list(read_jsonl(io.BytesIO(raw)))) == ["a", "b"]


def test_a_byte_order_mark_elsewhere_is_a_fault():
    _, fault = jsonl(make_line("a"), b"\xef\xbb\xbf" + make_line("b"))

    assert isinstance(fault, Fault)


def test_forty_bad_lines_give_forty_faults_and_hide_no_good_line():
    bad = make_bad_lines()
    lines = [part for k, line in enumerate(bad) for part in (line, make_line(f"g-{k}"))]

    entries = jsonl(*lines)

    assert len(bad) == 40
    assert [isinstance(entry, Fault) for entry in entries] == [True, False] * 40
    assert ids(entries)[1::2] == [f"g-{k}" for k in range(40)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_may_be_as_long_as_the_limit_and_no_longer(end):
    line = make_line("a")

    [fits] = read_jsonl(io.BytesIO(line + end), limit=len(line))
    [fault] = read_jsonl(io.BytesIO(line + end), limit=len(line) - 1)

    assert isinstance(fits, ParsedItem)
    assert str(fault) == f"line 1: expected at most {len(line) - 1} bytes in a line"


def test_a_line_over_the_limit_is_never_held_in_memory():
    stream = io.BytesIO(b"x" * 60_000_000 + b"\n" + make_line("a"))
    tracemalloc.start()

    entries = list(read_jsonl(stream))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(entries) == [None, "a"]
    assert peak < 25_000_000


def test_csv_without_a_mapping_names_its_columns_by_place():
    header = f"{NATIVE_CSV},signals.confidence,provenance.responses[0].model"
    header += ",provenance.responses[1].model"

    [item] = csv(f'{header}\na,pair,"Why, oh\nwhy?",x,y,0.5,north-2,south-1\n')

    assert isinstance(item, ParsedItem)
    assert json.loads(item.content) == {
        "prompt": "Why, oh\nwhy?",
        "responses": [{"text": "x"}, {"text": "y"}],
    }
    assert json.loads(item.signals) == {"confidence": 0.5}
    assert json.loads(item.provenance) == {
        "responses": [{"model": "north-2"}, {"model": "south-1"}]
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,pair,q,x", "line 2: expected 5 cells, found 4"),
        ("a,pair,q,x,", "line 2: content.responses: expected 2 to 8"),
        ("a,pair,q,,y", "line 2: content.responses[1]: expected no empty cell before"),
        (",pair,q,x,y", "line 2: id: is required and missing"),
        ('a,pair,"q"x,x,y', "line 2: expected a row of CSV"),
        ("a\0,pair,q,x,y", "line 2: "),
    ],
)
def test_a_bad_row_is_a_fault_and_hides_no_good_one(row, message):
    fault, good = csv(f"{NATIVE_CSV}\n{row}\nb,pair,q,x,y\n")

    assert str(fault).startswith(message)
    assert ids([good]) == ["b"]


def test_a_row_of_csv_that_is_not_utf8_or_too_long_hides_no_good_one():
    good = b"%b,pair,q,x,y\n"
    rows = [good % b"a", b"b,pair,\xff,x,y\n", b"c" * 5000 + b"\n", good % b"d"]
    stream = io.BytesIO(NATIVE_CSV.encode() + b"\n" + b"".join(rows))

    entries = list(read_csv(stream, limit=1000))

    assert ids(entries) == ["a", None, None, "d"]
    assert [entry.line for entry in entries] == [2, 3, 4, 5]


@pytest.mark.parametrize("header", ["", "id,id", "id,,kind"])
def test_a_header_that_names_no_columns_is_refused(header):
    with pytest.raises(InvalidTable, match="names each column once"):
        csv(f"{header}\n1,2,3\n", MAPPING)


@pytest.mark.parametrize("name", ["question", "content", "content.prompt.x", "[0]"])
def test_a_column_without_a_place_is_refused(name):
    with pytest.raises(InvalidTable, match=f"line 1|column '?{re.escape(name)}"):
        csv(f"{NATIVE_CSV},content.prompt,{name}\n")


@unhurried
@given(st.binary())
def test_any_bytes_read_as_entries(raw):
    mapping = parse_mapping(MAPPING)

    for entry in [
        *read_jsonl(io.BytesIO(raw)),
        *read_jsonl(io.BytesIO(raw), mapping),
        *read_csv(io.BytesIO(b"n,q,a\n" + raw), mapping),
    ]:
        assert entry.line >= 1


def test_an_id_is_found_on_the_line_where_it_was_first_seen():
    seen = SeenIds()
    for start in range(0, 9000, 700):
        chunk = range(start, start + 700)
        seen.add([f"id-{k}" for k in chunk], [k + 1 for k in chunk])

    assert seen.find(["id-0", "id-699", "id-8999", "id-x"]) == [1, 700, 9000, 0]
