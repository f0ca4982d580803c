"""The candidate file: good lines, and a fault for each other."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.formats.candidates_file import CandidateFault, read_candidate

LINES = st.sampled_from(
    [
        b'{"id": "a", "verdicts": {"k": "v"}}',
        b'{"id": "a", "id": "b", "output": 1}',
        b'{"candidate": "x", "created_at": "2026-01-01"}',
        b'{"id": "\\u0000", "output": ""}',
        b'{"id": 1}',
        b"[" * 2000,
        b"\xff\xfe",
        b"id,run,verdicts.k",
        b'"unclosed',
        b"a,1,x",
        b"",
    ]
)


@given(st.lists(st.one_of(LINES, st.binary(max_size=60)), max_size=8), st.booleans())
def test_no_bytes_do_more_than_fault(lines, is_csv):
    try:
        found = read_candidate(BytesIO(b"\n".join(lines)), is_csv=is_csv)
    except CandidateFault:
        return

    assert len({(line.id, line.run) for line in found.lines}) == len(found.lines)
    assert all(line.id for line in found.lines)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"id": "a", "id": "b", "output": 1}', "id"),
        (b'{"id": "a\\u0000", "output": 1}', "id"),
        (b'{"id": "a"}', ""),
        (b'{"id": "a", "run": 1.5, "output": "x"}', "run"),
        (b'{"id": "a", "output": ["x"]}', "output"),
        (b'{"id": "a", "outcome": "won"}', "outcome"),
        (b'{"id": "a", "outcome": "win", "output": "x"}', "outcome"),
        (b'{"candidate": "x", "created_at": "2026-01-01"}', "created_at"),
        (b'{"colour": 1}', "colour"),
    ],
)
def test_a_bad_line_is_named_by_its_field(line, field):
    found = read_candidate(BytesIO(line), is_csv=False)

    assert [fault.field for fault in found.faults] == [field]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"run,output\n", "column id: is required"),
        (b"id,colour\n", "column colour: expected id, run"),
        (b"id,verdicts\n", "column verdicts: expected id, run"),
        (b"id,output.x\n", "column output.x: expected id, run"),
        (b"", "expected a header"),
        (b"id,output\n", "there is no line of a case"),
    ],
)
def test_a_table_without_its_columns_is_none(text, said):
    with pytest.raises(CandidateFault, match=said):
        read_candidate(BytesIO(text), is_csv=True)


def test_cells_are_read_as_the_lines_they_stand_for():
    table = b"id,run,judge,verdicts.k,recorded.k\na,2,j,v,\n"
    line = b'{"id": "a", "run": 2, "judge": "j", "verdicts": {"k": "v"}, "recorded": {"k": null}}'

    [cells] = read_candidate(BytesIO(table), is_csv=True).lines
    [found] = read_candidate(BytesIO(b"\n" + line), is_csv=False).lines

    assert (cells.id, cells.run, cells.judge) == (found.id, found.run, found.judge)
    assert (cells.verdicts, cells.recorded) == (found.verdicts, found.recorded)
