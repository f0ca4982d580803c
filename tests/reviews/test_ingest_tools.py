"""bin/touchstone ingest --format: the files of other tools, from the command line."""

import gzip
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reviews.models import Item
from tests.reviews.tool_files import encoded, otlp, span, zstandard_zip

pytestmark = pytest.mark.django_db

SAID = [{"role": "assistant", "parts": [{"type": "text", "content": "Left."}]}]
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.response.model": "m-1",
    "gen_ai.input.messages": json.dumps([{"role": "user", "content": "Which way?"}]),
    "gen_ai.output.messages": json.dumps(SAID),
}


def run(capsys, path, form: str) -> dict[str, Any]:
    call_command("ingest", path, project="shop", form=form, json=True)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_items_come_in_and_what_is_none_is_counted_by_reason(tmp_path, capsys):
    path = tmp_path / "spans.jsonl.gz"
    other = span({"http.method": "GET"}, spanId="b" * 16)
    path.write_bytes(
        gzip.compress(encoded([otlp(span(CHAT), other, other)], lines=True))
    )

    report = run(capsys, path, "otlp")

    assert (report["added"], report["n_faults"]) == (1, 0)
    assert report["skipped"] == {"a span that is no call of a model": 2}
    item = Item.objects.get()
    assert item.content == {"prompt": "Which way?", "responses": [{"text": "Left."}]}
    assert item.provenance["responses"] == [{"model": "m-1"}]


def test_the_same_file_again_changes_nothing(tmp_path, capsys):
    path = tmp_path / "spans.json"
    path.write_bytes(encoded(otlp(span(CHAT))))

    run(capsys, path, "otlp")
    report = run(capsys, path, "otlp")

    assert (report["added"], report["unchanged"]) == (0, 1)


def test_an_archive_of_inspect_comes_in(tmp_path, capsys):
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]
    sample = {"uuid": "u", "messages": messages, "output": {"choices": [{}]}}
    path = tmp_path / "log.eval"
    path.write_bytes(zstandard_zip({"samples/u_epoch_1.json": encoded(sample)}))

    assert run(capsys, path, "inspect")["added"] == 1


def test_faults_are_told_by_their_record(tmp_path, capsys):
    path = tmp_path / "traces.json"
    good = {"id": "a", "input": "?", "output": "!"}
    path.write_bytes(encoded([good, good | {"input": [17]}, good | {"id": None}, good]))

    with pytest.raises(CommandError, match="3 records were refused"):
        call_command("ingest", path, project="shop", form="langfuse")

    told = capsys.readouterr().err
    assert "record 2: input[0]: expected a message" in told
    assert "record 3: id: is required and missing" in told
    assert "record 4: id: this id stands on record 1 already" in told
    assert Item.objects.count() == 1


def test_a_mapping_does_not_go_with_the_file_of_a_tool(tmp_path):
    mapping, path = tmp_path / "m.toml", tmp_path / "f.json"
    mapping.write_text('id = "id"\nkind = "single"\n')
    path.write_text("[]")

    with pytest.raises(CommandError, match="--mapping says how any other layout reads"):
        call_command("ingest", path, project="shop", form="langfuse", mapping=mapping)
