"""bin/touchstone ingest: good lines come in once, bad ones are reported."""

import gzip
import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from reviews.formats.files import read_jsonl
from reviews.management.base import InputFaults, Refused
from reviews.models import Item, Project, RoutingDecision
from reviews.services import intake
from reviews.services.intake import ingest_items
from tests.factories import NOW, make_item, make_project, make_queue, make_rubric
from tests.reviews.lines import make_bad_lines, make_line

pytestmark = pytest.mark.django_db

GOOD = [make_line(f"g-{k}", ("single", "pair", "trace")[k % 3]) for k in range(1000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.jsonl"


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def ingest(path: Path | str, *options: str) -> dict[str, Any]:
    """What --json says, with what went to stderr and the exit code beside it."""
    out, err, code = StringIO(), StringIO(), 0
    arguments = [str(path), "--project", "shop", "--json", *options]
    try:
        call_command("ingest", *arguments, stdout=out, stderr=err)
    except (InputFaults, Refused) as error:
        code = error.returncode
        err.write(str(error))
    result = json.loads(out.getvalue()) if out.getvalue() else {}
    return result | {"stderr": err.getvalue(), "code": code}


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    names = ("read", "added", "unchanged", "n_faults", "code")
    return tuple(result[name] for name in names)


def test_all_good_lines_come_in_and_each_bad_one_is_reported(path):
    bad = make_bad_lines()
    lines = GOOD.copy()
    for place, line in enumerate(bad):
        lines.insert(place * 25, line)

    result = ingest(write(path, *lines))

    assert counts(result) == (1040, 1000, 0, 40, 1)
    assert Item.objects.count() == 1000
    numbers = [number for number, line in enumerate(lines, 1) if line in bad]
    assert [fault["line"] for fault in result["faults"]] == numbers
    reports = result["stderr"].splitlines()[:40]
    assert [report.split(":")[0] for report in reports] == [
        f"line {number}" for number in numbers
    ]


def test_a_clean_file_ends_with_exit_code_zero(path):
    assert counts(ingest(write(path, *GOOD[:3]))) == (3, 3, 0, 0, 0)


def test_the_same_file_again_changes_nothing(path):
    ingest(write(path, *GOOD))
    before = list(Item.objects.order_by("pk").values())

    result = ingest(path)

    assert counts(result) == (1000, 0, 1000, 0, 0)
    assert list(Item.objects.order_by("pk").values()) == before


def test_lines_that_are_new_come_in_beside_those_that_are_there(path):
    ingest(write(path, *GOOD[:500]))

    result = ingest(write(path, *GOOD))

    assert counts(result) == (1000, 500, 500, 0, 0)


def test_a_changed_line_is_refused_and_the_item_stays(path):
    ingest(write(path, make_line("a")))
    changed = make_line("a", content={"responses": ["new", "newer"]})

    result = ingest(write(path, make_line("b"), changed))

    assert counts(result) == (2, 1, 0, 1, 1)
    assert result["faults"] == [
        {
            "line": 2,
            "field": "id",
            "expected": "this id is already there with other content; "
            "items are never rewritten",
            "id": "a",
        }
    ]
    assert "new" not in json.dumps(Item.objects.get(external_id="a").content)


@pytest.mark.parametrize("chunk_items", [2, 5000])
@pytest.mark.parametrize("again", [False, True])
def test_an_id_that_stands_twice_is_refused_the_second_time(
    path, monkeypatch, chunk_items, again
):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", chunk_items)
    lines = [make_line(name) for name in "abcdea"]
    lines.append(make_line("c", "single"))
    write(path, *lines)
    if again:
        ingest(path)

    result = ingest(path)

    n_there = 5 if again else 0
    assert counts(result) == (7, 5 - n_there, n_there, 2, 1)
    assert [fault["line"] for fault in result["faults"]] == [6, 7]
    assert result["faults"][0]["expected"].startswith(
        "this id stands on line 1 already"
    )


def test_an_id_may_be_used_by_two_projects(path):
    make_item(make_project("other"), external_id="a")

    assert counts(ingest(write(path, make_line("a"))))[1] == 1


def test_strict_takes_nothing_when_one_line_is_bad(path, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 100)

    result = ingest(write(path, *GOOD, b"bad"), "--strict")

    assert counts(result) == (1001, 0, 0, 1, 1)
    assert not Item.objects.exists()
    assert not Project.objects.exists()
    assert "nothing was added" in result["stderr"]


def test_strict_takes_everything_when_all_lines_are_good(path):
    assert counts(ingest(write(path, *GOOD), "--strict")) == (1000, 1000, 0, 0, 0)


def test_hostile_text_comes_back_from_the_database_as_it_was(path):
    text = '\x1b[31m\u202e</script><img onerror=x>{{7*7}}\x01\t"\\\\N😀\ufeff'
    line = make_line(
        text,
        content={"prompt": text, "responses": [text, ""]},
        signals={"intent": text, "confidence": 0.1},
        provenance={text: [text, 1.5, None, True, {}]},
    )

    ingest(write(path, line))

    item = Item.objects.get()
    assert item.external_id == text
    assert item.content == {"prompt": text, "responses": [{"text": text}, {"text": ""}]}
    assert item.signals == {"intent": text, "confidence": 0.1}
    assert item.provenance == {text: [text, 1.5, None, True, {}]}


def test_a_gzipped_file_is_read(tmp_path):
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(GOOD)))

    assert counts(ingest(path)) == (1000, 1000, 0, 0, 0)


def test_a_gzipped_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(GOOD))[:-200])

    result = ingest(path)

    assert result["code"] == 2
    assert "cannot be read to its end" in result["stderr"]


def test_csv_is_read_through_a_mapping(tmp_path):
    path = tmp_path / "items.CSV"
    path.write_text("n;question;left;right;model\n1;Why?;x;y;north-2\n", "utf-8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'id = "n"\nkind = "pair"\ndelimiter = ";"\n'
        '[content]\nprompt = "question"\nresponses = ["left", "right"]\n',
        "utf-8",
    )

    ingest(path, "--mapping", str(mapping))

    item = Item.objects.get()
    assert (item.external_id, item.provenance) == ("1", {"model": "north-2"})
    assert item.content["responses"] == [{"text": "x"}, {"text": "y"}]


def test_a_dash_stands_for_stdin(path):
    write(path, *GOOD[:10])
    stdin = os.dup(0)
    with path.open("rb") as file:
        os.dup2(file.fileno(), 0)
        try:
            result = ingest("-")
        finally:
            os.dup2(stdin, 0)
            os.close(stdin)

    assert counts(result) == (10, 10, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.jsonl", None, "cannot read"),
        ("items.csv", "a,b\n1,2\n", "column 'a': without a mapping"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")

    result = ingest(tmp_path / name)

    assert (result["code"], Project.objects.count()) == (2, 0)
    assert message in result["stderr"]


def test_a_mapping_with_a_mistake_is_refused_by_its_key(path, tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('id = "n"\nkind = "triple"\n', "utf-8")

    result = ingest(write(path, *GOOD[:1]), "--mapping", str(mapping))

    assert result["code"] == 2
    assert "mapping.toml: kind: expected" in result["stderr"]


def test_a_project_without_a_proper_name_is_refused(path):
    with pytest.raises(Refused, match="no name for a project"):
        call_command("ingest", str(write(path, GOOD[0])), "--project", "a b/c")


def test_only_the_first_faults_are_kept_and_all_are_handed_out(monkeypatch):
    monkeypatch.setattr(intake, "LISTED_FAULTS", 3)
    seen: list[int] = []

    report = ingest_items(
        project="shop",
        entries=read_jsonl(_Repeated(b"bad\n", 10)),
        now=NOW,
        on_fault=lambda fault: seen.append(fault.line),
    )

    assert (len(report.faults), report.n_faults) == (3, 10)
    assert seen == list(range(1, 11))


class _Repeated:
    """A stream of one line over and over."""

    def __init__(self, line: bytes, times: int) -> None:
        self._line = line
        self._left = times

    def readline(self, size: int, /) -> bytes:
        self._left -= 1
        return self._line[:size] if self._left >= 0 else b""


def test_progress_is_told_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ITEMS", 4)
    told: list[tuple[int, int]] = []

    ingest_items(
        project="shop",
        entries=read_jsonl(_Repeated(GOOD[0] + b"\n", 10)),
        now=NOW,
        on_progress=lambda report: told.append((report.read, report.added)),
    )

    assert told == [(4, 1), (8, 1), (10, 1)]


def test_large_lines_make_small_chunks(monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_BYTES", 10)
    told: list[int] = []

    ingest_items(
        project="shop",
        entries=read_jsonl(_Repeated(GOOD[0] + b"\n", 4)),
        now=NOW,
        on_progress=lambda report: told.append(report.read),
    )

    assert told == [1, 2, 3, 4]


def test_what_comes_in_is_routed_by_the_policy_in_force(path, cast):
    policy = path.with_suffix(".toml")
    queue = make_queue(cast.project, make_rubric(cast.project)).slug
    policy.write_text(
        f'audit_rate = 0.5\naudit_queue = "{queue}"\n'
        f'[[rule]]\nname = "all"\nwhen = {{}}\naction = "queue"\nqueue = "{queue}"\n',
        "utf-8",
    )
    call_command("policy", "apply", str(policy), "--project", "shop", stdout=StringIO())

    ingest(write(path, *GOOD[:6]))

    assert RoutingDecision.objects.filter(rule="all").count() == 6


def test_only_one_index_of_items_begins_with_the_project():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = 'reviews_item'::regclass AND indkey[0] ="
            " (SELECT attnum FROM pg_attribute WHERE attname = 'project_id'"
            "  AND attrelid = 'reviews_item'::regclass)"
        )

        assert cursor.fetchall() == [("item_id_once_per_project",)]


def test_item_is_of_a_project_that_is_there(cast):
    with pytest.raises(IntegrityError, match="a project that is not there"):
        make_item(Project(pk=cast.project.pk + 999))


def test_item_stays_in_its_project(cast):
    item = make_item(cast.project)

    with pytest.raises(IntegrityError, match="stays in its project"):
        Item.objects.filter(pk=item.pk).update(project=make_project("mill"))


def test_project_is_never_deleted(cast):
    with pytest.raises(IntegrityError, match="append-only"):
        Project.objects.filter(pk=make_project("mill").pk).delete()


NATIVE_CSV = "id,kind,content.prompt,content.responses[0]\nc-1,single,Where?,Here.\n"


def test_format_of_a_file_whose_name_does_not_tell_is_given(path):
    path.write_text(NATIVE_CSV)

    result = ingest(path, "--format", "csv")

    assert counts(result) == (1, 1, 0, 0, 0)


def test_format_that_the_mapping_contradicts_is_refused(path, tmp_path):
    mapping = tmp_path / "mapping.toml"
    path.write_text(NATIVE_CSV)
    mapping.write_text(
        'id = "n"\nkind = "single"\nformat = "csv"\n[content]\nprompt = "q"\nresponses = ["a"]\n'
    )

    result = ingest(path, "--format", "jsonl", "--mapping", str(mapping))

    assert (result["code"], result["ok"]) == (2, False)
    assert "--format says jsonl, and the mapping csv" in result["stderr"]


def test_one_is_not_told_as_several(path):
    write(path, GOOD[0], b"{}")
    out = StringIO()

    with pytest.raises(InputFaults, match=r"^1 line was refused\.$"):
        call_command("ingest", str(path), "--project", "shop", stdout=out)

    assert "2 lines read, 1 item added" in out.getvalue()


def test_a_flag_is_added_as_if_each_line_said_it(path):
    lines = [make_line(f"f-{k}", "single") for k in range(3)]
    ingest(write(path, *lines), "--flag", "incident", "--flag", "replay")
    flagged = [json.loads(line) for line in lines]
    for line in flagged:
        signals = line.setdefault("signals", {})
        signals["flags"] = [*signals.get("flags", []), "incident", "replay"]
    said = write(path, *(json.dumps(line).encode() for line in flagged))

    again = ingest(said)

    assert counts(again) == (3, 0, 3, 0, 0)
    assert set(Item.objects.values_list("signals__flags", flat=True)[0]) >= {"incident"}


def test_a_flag_that_is_there_already_changes_nothing(path):
    line = json.loads(make_line("f-1", "single"))
    line.setdefault("signals", {})["flags"] = ["incident"]
    ingest(write(path, json.dumps(line).encode()))

    assert counts(ingest(path, "--flag", "incident")) == (1, 0, 1, 0, 0)


def test_a_blank_flag_is_refused(path):
    assert ingest(write(path, GOOD[0]), "--flag", " ")["code"] == 2
