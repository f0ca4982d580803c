"""Freezing: what is refused, what is published, and that it is the same bytes."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from calibration.formats.verification import verify_release
from calibration.models import GoldenSet, Release, ReleaseLine
from calibration.services.freezing import FreezeRefused, Frozen, freeze_release
from labeling.models import Judgment, Rating
from reviews.models import Item, Member, Queue, User
from tests.calibration.makers import (
    KRIPPENDORFF,
    facts,
    make_adjudication,
    make_agreeing_queue,
    make_dispute,
    make_imported_judgment,
    make_table_queue,
    next_version,
)
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
)

pytestmark = pytest.mark.django_db


def freeze(queue: Queue, **changes) -> Frozen:
    values = {"name": "gate", "override": "", "frozen_by_id": None, "now": NOW}
    return freeze_release(queue=facts(queue), **values | changes)


def manifest(frozen: Frozen) -> Any:
    return json.loads(Release.objects.get(pk=frozen.release_id).manifest)


def lines(frozen: Frozen, file: str) -> list[str]:
    found = ReleaseLine.objects.filter(release_id=frozen.release_id, file=file)
    return list(found.order_by("number").values_list("text", flat=True))


def rater(queue: Queue, handle: str) -> Member:
    return queue.project.members.get(handle=handle)


def rate(queue: Queue, *values: str) -> Item:
    """One more item, rated by the raters of an agreeing queue in turn."""
    handles = ("ann.lee", "bob")
    return make_rated_item(
        queue,
        {
            rater(queue, handle): {"quality": value}
            for handle, value in zip(handles, values, strict=False)
        },
    )


def test_a_release_holds_every_labelled_item():
    queue = make_agreeing_queue(n=20)

    frozen = freeze(queue)

    cases = [json.loads(line) for line in lines(frozen, "cases.jsonl")]
    assert (frozen.version, frozen.is_new, frozen.n_cases) == ("1.0.0", True, 20)
    assert {case["labels"]["quality"] for case in cases} == {"good", "bad"}
    assert [case["id"] for case in cases] == sorted(case["id"] for case in cases)
    assert cases[0].keys() == {
        "id",
        "kind",
        "content",
        "signals",
        "provenance",
        "labels",
        "cell",
        "weight",
        "grading",
        "reference",
        "canary",
    }


def test_a_case_without_a_spec_stands_for_itself_alone():
    frozen = freeze(make_agreeing_queue())

    case = json.loads(lines(frozen, "cases.jsonl")[0])

    assert case["cell"] == {"stratum": "", "bucket": "typical"}
    assert case["weight"] == "1.000000"
    assert case["grading"] == {"type": "rubric_label", "criteria": ["quality"]}
    assert case["reference"] is None
    assert case["canary"] == manifest(frozen)["canary"]
    assert manifest(frozen)["cells"] == [
        {"stratum": "", "bucket": "typical", "cases": 20, "traffic": None}
    ]


def test_freezing_twice_makes_one_release():
    queue = make_agreeing_queue()

    first, second = freeze(queue), freeze(queue)

    assert (second.version, second.digest, second.is_new) == (
        "1.0.0",
        first.digest,
        False,
    )
    assert Release.objects.count() == 1


def make_named_queue(cases: list[tuple[str, str]], raters: list[str]) -> Queue:
    """Everything in it is made in the order given."""
    project = make_project()
    queue = make_queue(project, make_rubric(project))
    members = [make_rater(project, handle) for handle in raters]
    for name, value in cases:
        item = make_item(project, external_id=name, content={"prompt": name})
        for member in members:
            make_imported_judgment(queue, item, member, quality=value)
    return queue


def test_the_same_inputs_give_the_same_bytes_in_another_order_with_other_ids(tmp_path):
    # Sorted by code point: upper case before lower case, then accents.
    cases = [
        (f"{(n % 3 and 'é') or 'Z'}a-{n}", ["good", "bad"][n % 2]) for n in range(24)
    ]
    shuffled = cases[1::2] + cases[::2][::-1]
    folders = [tmp_path / "one", tmp_path / "other"]

    for folder, order, raters in zip(
        folders, (cases, shuffled), (["ann", "bob"], ["bob", "ann"]), strict=True
    ):
        with transaction.atomic():
            make_named_queue(order, raters)
            call_command("freeze", "gate", queue="answers", out=folder)
            transaction.set_rollback(True)

    one, other = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in folders
    )
    assert one == other
    assert len(one) == 9


def test_agreement_under_the_bar_refuses_and_names_the_figures():
    queue = make_table_queue(
        KRIPPENDORFF, level="ORDINAL", options="12345", agreement_bar=0.8
    )

    with pytest.raises(FreezeRefused) as refused:
        freeze(queue)

    [block, *_] = refused.value.blocks
    assert block.startswith("quality: alpha .815, lower limit ")
    assert block.endswith("is under the bar .800")
    assert not Release.objects.exists()


def test_undefined_agreement_refuses():
    queue = make_table_queue(
        {"A": "good good", "B": "good good"}, level="NOMINAL", options=("bad", "good")
    )

    with pytest.raises(FreezeRefused, match="quality: alpha is undefined"):
        freeze(queue)


def test_too_few_items_for_a_lower_limit_refuse():
    with pytest.raises(FreezeRefused, match="has no lower limit"):
        freeze(make_agreeing_queue(n=4))


def test_open_disputes_refuse_until_they_are_settled():
    queue = make_agreeing_queue(n=40)
    dispute = make_dispute(queue, rate(queue, "good", "bad"))

    with pytest.raises(FreezeRefused) as refused:
        freeze(queue)
    make_adjudication(dispute, rater(queue, "bob"), "good")
    frozen = freeze(queue)

    assert refused.value.blocks == ("1 dispute is open",)
    assert frozen.n_cases == 41


def test_disputes_that_nobody_has_looked_for_yet_refuse_too():
    queue = make_agreeing_queue(n=40)
    rate(queue, "good", "bad")

    with pytest.raises(FreezeRefused, match="1 dispute is open"):
        freeze(queue)


def test_an_override_freezes_and_its_reason_stays():
    queue = make_agreeing_queue(n=4)

    frozen = freeze(queue, override="Demo for bob and Ann.Lee, not for a gate")

    override = manifest(frozen)["override"]
    assert "has no lower limit" in override["overridden"][0]
    assert "not for a gate" in override["reason"]
    assert "bob" not in override["reason"].casefold()
    assert "ann" not in override["reason"].casefold()


def test_a_blank_reason_overrides_nothing():
    with pytest.raises(FreezeRefused):
        freeze(make_agreeing_queue(n=4), override="  ")


def test_an_override_that_was_not_needed_is_not_recorded():
    frozen = freeze(make_agreeing_queue(), override="To be safe")

    assert manifest(frozen)["override"] is None


def test_a_queue_without_a_complete_item_is_refused_even_with_a_reason():
    queue = make_agreeing_queue(n=0)

    with pytest.raises(FreezeRefused, match="no item has all its judgments"):
        freeze(queue, override="Now")


@pytest.mark.parametrize("name", ["my set", "../gate", ""])
def test_a_name_that_is_no_slug_is_refused(name):
    with pytest.raises(FreezeRefused, match="is no name for a golden set"):
        freeze(make_agreeing_queue(n=2), name=name, override="x")


def test_a_golden_set_stays_with_its_queue():
    queue = make_agreeing_queue()
    freeze(queue)
    other = make_queue(queue.project, queue.rubric_version, "others")

    with pytest.raises(FreezeRefused, match="is the golden set of queue 'answers'"):
        freeze(other)


def test_items_without_a_label_are_left_out_and_counted():
    queue = make_agreeing_queue(n=40)
    rate(queue, "good", "bad")
    make_slots(queue, make_item(queue.project))
    reviewer = make_member(queue.project, "cy")
    item = make_item(queue.project)
    slot, _ = make_slots(queue, item)
    make_judgment(
        make_assignment(make_batch(queue, reviewer), item, slot), quality="bad"
    )

    frozen = freeze(queue, override="The tie is left out")

    assert frozen.n_cases == 40
    assert manifest(frozen)["left_out"] == {
        "no label on quality": 1,
        "not judged under this rubric version": 1,
        "too few judgments": 1,
    }


def test_gold_items_are_no_cases(cast):
    queue = make_agreeing_queue(cast.project, overlap=1)
    batch = make_batch(queue, cast.ada)
    make_judgment(make_assignment(batch, make_item(cast.project)), quality="bad")

    assert freeze(queue).n_cases == 20


def test_no_handle_is_in_any_line():
    queue = make_agreeing_queue(n=40)
    dispute = make_dispute(queue, rate(queue, "good", "bad"))
    lea = make_member(queue.project, "lea", "LEAD")
    User.objects.filter(username="lea").update(first_name="Leonora")
    make_adjudication(dispute, lea, "bad", "Bob is right, says Leonora (lea); plea.")

    frozen = freeze(queue)

    everything = Release.objects.get().manifest + "".join(
        ReleaseLine.objects.values_list("text", flat=True)
    )
    for name in ("ann.lee", "bob", "Bob", "Leonora", '"lea"', "(lea)"):
        assert name not in everything
    settled = [line for line in lines(frozen, "lineage.jsonl") if "ADJUD" in line]
    [entry] = [json.loads(line)["criteria"]["quality"] for line in settled]
    assert entry["adjudication"]["reason"].endswith("; plea.")
    assert entry["adjudication"]["rater"] in ("r01", "r02", "r03")
    assert [vote["rater"] for vote in entry["votes"]] == sorted(
        vote["rater"] for vote in entry["votes"]
    )


def test_lineage_tells_what_each_label_rests_on():
    frozen = freeze(make_agreeing_queue())

    entry = json.loads(lines(frozen, "lineage.jsonl")[0])

    quality = entry["criteria"]["quality"]
    assert (quality["method"], quality["votes_for"], quality["n_votes"]) == (
        "MAJORITY",
        2,
        2,
    )
    assert len(entry["item_sha256"]) == 64
    assert entry["rubric_version"] == 1


def test_the_manifest_tells_the_agreement_in_decimals():
    frozen = freeze(make_agreeing_queue())

    [quality] = manifest(frozen)["agreement"]["criteria"]

    assert quality["alpha"]["value"] == "1.000000"
    assert quality["cohen_kappa"][0]["raters"] == ["r01", "r02"]


def test_added_cases_make_a_minor_version():
    queue = make_agreeing_queue()
    first = freeze(queue)
    rate(queue, "good", "good")

    second = freeze(queue)

    assert second.version == "1.1.0"
    assert manifest(second)["parent"] == {"version": "1.0.0", "digest": first.digest}


def test_a_changed_label_makes_a_major_version():
    queue = make_agreeing_queue(n=40)
    freeze(queue)
    item = queue.project.items.order_by("pk")[0]
    make_adjudication(make_dispute(queue, item), rater(queue, "bob"), "fair")

    assert freeze(queue).version == "2.0.0"


def test_a_changed_rubric_makes_a_major_version():
    queue = make_agreeing_queue()
    freeze(queue)
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    other = queue.project.items.all()
    for item in other:
        make_second_judgments(queue, item)

    assert freeze(queue).version == "2.0.0"


def make_second_judgments(queue: Queue, item: Item) -> None:
    """The same values from two more raters, under the queue's version of now."""
    value = Rating.objects.filter(judgment__item=item)[0].value
    for handle in ("cy", "dee"):
        member = queue.project.members.filter(handle=handle).first()
        make_imported_judgment(
            queue, item, member or make_rater(queue.project, handle), quality=value
        )


def test_what_changes_no_case_makes_a_patch():
    queue = make_agreeing_queue()
    freeze(queue)
    make_slots(queue, make_item(queue.project))

    second = freeze(queue)

    assert second.version == "1.0.1"
    assert freeze(queue).is_new is False


def test_numbers_that_json_readers_get_wrong_are_written_as_text():
    queue = make_agreeing_queue()
    item = make_item(
        queue.project,
        external_id="0-first",
        provenance={"trace": 2**63, "cost": 1e-7, "odd\u2028": "\x7f"},
    )
    for handle in ("ann.lee", "bob"):
        make_imported_judgment(queue, item, rater(queue, handle), quality="bad")

    first = json.loads(lines(freeze(queue), "cases.jsonl")[0])

    assert first["provenance"] == {
        "trace": str(2**63),
        "cost": 1e-7,
        "odd\u2028": "\x7f",
    }


@pytest.mark.parametrize("table", ["calibration_release", "calibration_releaseline"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_release(table, verb):
    freeze(make_agreeing_queue())

    with (
        pytest.raises(DatabaseError, match="append-only") as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(table))

    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == "append_only"


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_line_added_to_a_published_release():
    frozen = freeze(make_agreeing_queue())

    with pytest.raises(DatabaseError, match="is published: no line is added"):
        ReleaseLine.objects.create(
            release_id=frozen.release_id, file="cases.jsonl", number=999, text="{}"
        )


def test_a_judgment_taken_back_and_another_given_meanwhile_stop_the_freezing(cast):
    queue = make_agreeing_queue(cast.project)
    given = iter(Judgment.objects.order_by("pk")[:1])

    def swap(step: str) -> None:
        # After measuring; the counts of judgments are as before.
        if step == "Writing cases":
            judgment = next(given)
            Judgment.objects.filter(pk=judgment.pk).update(
                withdrawn_at=NOW, left_out="WITHDRAWN", counts=False
            )
            person = make_rater(cast.project, "zoe")
            make_imported_judgment(queue, judgment.item, person, quality="fair")

    with pytest.raises(FreezeRefused, match="judgments arrived in the meantime"):
        freeze(queue, on_step=swap)

    assert not Release.objects.exists()


def run(capsys, out: Path) -> dict[str, Any]:
    call_command("freeze", "gate", "--json", queue="answers", out=out)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_folder_verifies(tmp_path, capsys):
    make_agreeing_queue()

    report = run(capsys, tmp_path / "new" / "release")

    found = verify_release(tmp_path / "new" / "release", report["digest"])
    assert (found.ok, found.version, found.n_cases) == (True, "1.0.0", 20)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["release"]


def test_the_same_folder_may_be_frozen_to_again(tmp_path, capsys):
    make_agreeing_queue()
    first = run(capsys, tmp_path)

    second = run(capsys, tmp_path)

    assert (second["is_new"], second["digest"]) == (False, first["digest"])


def test_a_folder_with_something_else_is_refused_before_anything_is_frozen(tmp_path):
    make_agreeing_queue()
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CommandError, match="holds something else") as refused:
        call_command("freeze", "gate", queue="answers", out=tmp_path)

    assert refused.value.returncode == 2
    assert not Release.objects.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_with_another_release_is_refused(tmp_path):
    queue = make_agreeing_queue()
    call_command("freeze", "gate", queue="answers", out=tmp_path)
    rate(queue, "good", "good")

    with pytest.raises(CommandError, match=r"holds another release \(gate 1\.0\.0\)"):
        call_command("freeze", "gate", queue="answers", out=tmp_path)

    assert Release.objects.get().version == "1.0.0"


@pytest.mark.parametrize("place", ["below a file", "without rights to make it"])
def test_a_folder_that_cannot_be_written_leaves_no_release(tmp_path, place):
    make_agreeing_queue()
    (tmp_path / "file").write_text("mine")
    out = Path("/proc/release") if "rights" in place else tmp_path / "file" / "release"

    with pytest.raises(CommandError, match="cannot write") as refused:
        call_command("freeze", "gate", queue="answers", out=out)

    assert refused.value.returncode == 2
    assert not Release.objects.exists()
    assert not GoldenSet.objects.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_was_tampered_with_is_not_taken_for_the_release(tmp_path):
    make_agreeing_queue()
    call_command("freeze", "gate", queue="answers", out=tmp_path)
    (tmp_path / "rubric.json").write_text("{}")

    with pytest.raises(CommandError, match=r"holds this release, and rubric\.json"):
        call_command("freeze", "gate", queue="answers", out=tmp_path)


def test_a_refusal_exits_with_two_and_lists_every_reason(tmp_path):
    make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")

    with pytest.raises(CommandError) as refused:
        call_command("freeze", "gate", queue="answers", out=tmp_path / "release")

    assert refused.value.returncode == 2
    assert "quality: alpha" in str(refused.value)
    assert "1 dispute is open" in str(refused.value)
    assert not (tmp_path / "release").exists()
