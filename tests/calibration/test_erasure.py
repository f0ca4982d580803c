"""Erasing what an item says: every word of it, and not one digest."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from psycopg.sql import SQL, Identifier

from calibration.formats.erasure import Erased, digest_of, read_erased
from calibration.formats.gate_cases import read_release
from calibration.formats.release import CASES, INDEX, LINEAGE
from calibration.formats.verification import verify_release
from calibration.models import CaseTerms, GoldenSet, ReleaseLine
from calibration.queries.erasures import list_erased_cases
from calibration.queries.releases import get_release_by_id
from calibration.services.erasures import erase_text
from calibration.services.folders import write_folder
from calibration.services.freezing import Frozen, freeze_release
from labeling.models import Adjudication, Correction, Judgment, Rating, Span
from reviews.models import Erasure, Item, Presentable, Queue, Slot
from reviews.services.erasures import ErasureRefused
from tests.calibration.gate_makers import answers, make_case, make_release
from tests.calibration.gate_makers import write_candidate as write_answers
from tests.calibration.makers import (
    facts,
    make_adjudication,
    make_agreeing_queue,
    make_dispute,
)
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_slots,
)

SECRET = "Ann Lee of 12 High Street"
REASON = 'Asked for by the person, "today".'


def freeze(queue: Queue) -> Frozen:
    return freeze_release(
        name="gate", queue=facts(queue), override="", frozen_by_id=None, now=NOW
    )


def with_secret(queue: Queue) -> Item:
    """One of the items of the queue, made to say something about a person."""
    item = Item.objects.filter(project=queue.project).order_by("pk")[2]
    item.content = {"prompt": SECRET, "responses": [{"text": f"Yes, {SECRET}."}]}
    item.provenance = {"model": "m-1", "user": SECRET}
    item.signals = {"judges": [{"judge": "j", "verdict": "ok", "rationale": SECRET}]}
    item.save()
    return item


def erase(item: Item) -> int:
    return erase_text(item_id=item.pk, lead_id=None, reason=REASON, now=NOW)


def folder_of(frozen: Frozen, path: Path) -> Path:
    write_folder(get_release_by_id(frozen.release_id), path)
    return path


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(
                SQL("SELECT to_jsonb(t)::text FROM {} t").format(Identifier(table))
            )
            found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.fixture
def queue(db) -> Queue:
    return make_agreeing_queue(n=20)


@pytest.mark.django_db
def test_no_word_of_an_erased_item_is_left_in_the_database(queue):
    item = with_secret(queue)
    reviewer = make_member(queue.project, "cy")
    batch = make_batch(queue, reviewer)
    assignment = make_assignment(batch, item, make_slots(queue, item)[0])
    Presentable.objects.filter(item=item).update(opening=SECRET, responses=[SECRET])
    judgment = make_judgment(assignment, quality="good")
    Correction.objects.create(judgment=judgment, response=1, text=SECRET)
    Span.objects.create(
        judgment=judgment,
        place="MESSAGE",
        number=1,
        start=0,
        end=len(SECRET),
        quote=SECRET,
        note=SECRET,
    )
    make_adjudication(make_dispute(queue, item), reviewer, "good", reason=SECRET)
    golden_set = GoldenSet.objects.create(
        project=queue.project, slug="gate", queue=queue, created_at=NOW
    )
    CaseTerms.objects.create(
        golden_set=golden_set,
        item=item,
        reference=SECRET,
        grading={"type": "one_of", "values": [SECRET]},
        set_at=NOW,
    )
    freeze(queue)

    n_lines = erase(item)

    assert n_lines == 2
    left = everything_in_the_database()
    assert [row for row in left.splitlines() if SECRET in row] == []
    assert Rating.objects.filter(judgment__item=item, value="good").exists()
    assert Adjudication.objects.get(dispute__item=item).value == "good"


@pytest.mark.django_db
def test_a_release_with_an_erased_case_is_intact_and_says_so(queue, tmp_path):
    item = with_secret(queue)
    frozen = freeze(queue)
    erase(item)

    found = verify_release(folder_of(frozen, tmp_path / "new"), frozen.digest)

    assert found.ok
    assert [(one.case, one.on, one.reason) for one in found.erased] == [
        (item.external_id, NOW.date().isoformat(), REASON)
    ]


@pytest.mark.django_db
def test_a_copy_that_was_taken_before_is_still_intact(queue, tmp_path):
    item = with_secret(queue)
    frozen = freeze(queue)
    folder = folder_of(frozen, tmp_path / "old")

    erase(item)

    found = verify_release(folder, frozen.digest)
    assert found.ok
    assert found.erased == ()


@pytest.mark.django_db
def test_labels_of_an_erased_case_stay_in_the_lineage(queue, tmp_path):
    item = with_secret(queue)
    frozen = freeze(queue)
    erase(item)

    folder = folder_of(frozen, tmp_path / "new")

    lineage = map(json.loads, (folder / LINEAGE).read_text().splitlines())
    [own] = [one for one in lineage if one["id"] == item.external_id]
    assert own["criteria"]["quality"]["value"] in {"good", "bad"}


@pytest.mark.django_db
def test_an_erased_item_is_no_case_of_the_next_release(queue):
    item = with_secret(queue)
    freeze(queue)
    erase(item)

    frozen = freeze(queue)

    assert (frozen.version, frozen.n_cases) == ("2.0.0", 19)


@pytest.mark.django_db
def test_an_erased_item_is_dealt_to_nobody(queue):
    item = with_secret(queue)
    make_slots(queue, item)

    erase(item)

    states = Slot.objects.filter(item=item).values_list("state", flat=True)
    assert set(states) == {"WITHDRAWN"}


@pytest.mark.django_db
def test_an_item_is_erased_once(queue):
    item = with_secret(queue)
    erase(item)

    with pytest.raises(ErasureRefused, match="erased before"):
        erase(item)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE calibration_releaseline SET text = '{}' WHERE file = 'cases.jsonl'",
        "UPDATE calibration_releaseline SET text = text || ' '",
        "UPDATE calibration_releaseline SET number = number + 1000",
        "DELETE FROM calibration_releaseline",
        "UPDATE calibration_release SET manifest = '{}'",
        "UPDATE calibration_releaseline SET text = '{}' WHERE file = 'cases.sha256'",
        "UPDATE labeling_rating SET value = '\"fair\"'",
        "UPDATE labeling_rating SET value = '\"[erased]\"'",
        "UPDATE labeling_judgment SET counts = false",
        "DELETE FROM labeling_rating",
        "DELETE FROM reviews_erasure",
        "UPDATE reviews_erasure SET reason = 'Another.'",
    ],
)
def test_nothing_but_words_goes_while_an_item_is_erased(queue, change):
    item = with_secret(queue)
    freeze(queue)
    erase(item)

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(change)


@pytest.mark.django_db
def test_the_line_of_another_case_does_not_go_with_it(queue):
    item = with_secret(queue)
    freeze(queue)
    erase(item)
    change = (
        "UPDATE calibration_releaseline l SET text = touchstone_erased_line_v1("
        "l.text, e) FROM reviews_erasure e WHERE l.file = 'cases.jsonl' "
        "AND l.number = 1"
    )

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)


@pytest.mark.django_db(transaction=True)
def test_words_go_only_in_the_transaction_that_records_it():
    queue = make_agreeing_queue(n=20)
    item = with_secret(queue)
    freeze(queue)
    Erasure.objects.create(item=item, reason=REASON, erased_at=NOW)
    change = (
        "UPDATE calibration_releaseline l SET text = touchstone_erased_line_v1("
        "l.text, e) FROM reviews_erasure e WHERE l.file = 'cases.jsonl' "
        "AND l.text::jsonb ->> 'id' = %s"
    )

    with pytest.raises(DatabaseError, match="append-only"):
        connection.cursor().execute(change, [item.external_id])
    with pytest.raises(DatabaseError, match="append-only"):
        Judgment.objects.filter(item=item).update(comment="")
    with pytest.raises(DatabaseError, match="was erased"):
        Item.objects.filter(pk=item.pk).update(content={"prompt": "Another."})


@pytest.fixture
def release(tmp_path):
    """A folder in which the content of one case is erased."""
    made = make_release(tmp_path / "release", map(make_case, range(100)))
    take_away(made.folder, 7)
    return made


def take_away(folder: Path, number: int, reason: str = "Asked for.") -> Erased:
    hashes = (folder / INDEX[CASES]).read_text().splitlines()
    digest, _, case = hashes[number].partition("  ")
    erased = Erased(case, "2026-11-22", reason, digest)
    write_line(folder, number, erased.line)
    return erased


def write_line(folder: Path, number: int, line: bytes) -> None:
    lines = (folder / CASES).read_bytes().splitlines()
    lines[number] = line
    (folder / CASES).write_bytes(b"".join(one + b"\n" for one in lines))


def test_an_erased_line_reads_as_it_was_written():
    erased = Erased("s-\u00e9\n1", "2026-11-22", 'Said "no".\t', "0" * 64)

    assert read_erased(erased.line) == erased


@pytest.mark.parametrize(
    "tamper",
    [
        lambda line: line.replace(b'"id":"c-0008"', b'"id":"c-0009"'),
        lambda line: line.replace(b'"sha256":"', b'"sha256":"0')[:-2] + b'"}',
        lambda line: line[:-1] + b',"labels":{"correct":"wrong"}}',
        lambda line: line.replace(b'"on":', b'"more":"words","on":'),
        lambda line: line + b" ",
        lambda line: b'{"erased":{},"id":"c-0008"}',
        lambda line: b'{"erased":true,"id":"c-0008","labels":{"correct":"wrong"}}',
    ],
    ids=["case", "hash", "labels", "words", "bytes", "nothing", "another form"],
)
def test_tampering_is_no_erasure(release, tamper):
    erased = take_away(release.folder, 8)
    write_line(release.folder, 8, tamper(erased.line))

    found = verify_release(release.folder, release.digest)

    assert not found.ok
    assert "c-0008" in " ".join(map(str, found.faults))


def test_a_changed_case_beside_an_erased_one_is_named(release):
    lines = (release.folder / CASES).read_bytes().splitlines()
    write_line(release.folder, 20, lines[20].replace(b"right", b"wrong"))

    found = verify_release(release.folder)

    assert [str(fault) for fault in found.faults] == [
        "cases.jsonl line 21, case c-0020: the bytes differ from those released"
    ]


def test_a_dropped_case_beside_an_erased_one_is_named(release):
    lines = (release.folder / CASES).read_bytes().splitlines(keepends=True)
    (release.folder / CASES).write_bytes(b"".join(lines[:-1]))

    found = verify_release(release.folder)

    assert "case c-0099: is missing" in str(found.faults[0])


def test_an_erased_lineage_needs_an_erased_case(release):
    folder = release.folder
    hashes = (folder / INDEX[LINEAGE]).read_text().splitlines()
    lines = (folder / LINEAGE).read_bytes().splitlines()
    digest, _, case = hashes[9].partition("  ")
    lines[9] = Erased(case, "2026-11-22", "Asked for.", digest).line
    (folder / LINEAGE).write_bytes(b"".join(one + b"\n" for one in lines))

    found = verify_release(folder)

    assert [str(fault) for fault in found.faults] == [
        "lineage.jsonl, case c-0009: is erased, and the case is not"
    ]


def test_an_erasure_that_nobody_knows_of_is_told_by_the_digest_of_all(release):
    known = digest_of(verify_release(release.folder).erased)
    shutil.copytree(release.folder, release.folder.with_name("more"))
    take_away(release.folder.with_name("more"), 8)

    as_known = verify_release(release.folder, release.digest, known)
    more = verify_release(release.folder.with_name("more"), release.digest, known)
    none = verify_release(release.folder, release.digest, "none")

    assert as_known.ok
    assert "was expected" in str(more.faults[0])
    assert "none was expected" in str(none.faults[0])


def test_verify_counts_and_names_what_was_erased(release):
    out = StringIO()

    call_command("verify", release.folder, stdout=out)

    first, _, erasures, case = out.getvalue().splitlines()
    assert first == "core 1.0.0: intact, 100 cases, 1 erased"
    assert erasures.startswith("erasures ")
    assert case == "  case c-0007: content erased on 2026-11-22: Asked for."


def test_the_gate_leaves_an_erased_case_out_and_says_so(release, tmp_path):
    found = read_release(release.folder, release.digest)

    assert found.erased == ("c-0007",)
    assert len(found.cases) == 99


def test_the_gate_says_nothing_of_a_release_that_is_mostly_taken_away(
    release, tmp_path
):
    for number in range(8, 12):
        take_away(release.folder, number)
    candidate = write_answers(tmp_path / "model.jsonl", answers(100, wrong=20))
    thresholds = tmp_path / "t.toml"
    thresholds.write_text("[disagreement]\noverall = 0.2\n")

    with pytest.raises(CommandError) as refused:
        call_command(
            "gate",
            release=release.folder,
            candidate=candidate,
            thresholds=thresholds,
            stdout=StringIO(),
        )

    assert str(refused.value).endswith(
        "5 of 100 cases have no answer, 2.0% may be missing: "
        "c-0007, c-0008, c-0009, c-0010, c-0011: their content was erased"
    )


def test_the_gate_tells_an_erased_case_from_one_without_an_answer(release, tmp_path):
    candidate = write_answers(tmp_path / "model.jsonl", answers(98, wrong=0))
    thresholds = tmp_path / "t.toml"
    thresholds.write_text("[disagreement]\noverall = 0.2\n")

    with pytest.raises(CommandError) as refused:
        call_command(
            "gate",
            release=release.folder,
            candidate=candidate,
            thresholds=thresholds,
            stdout=StringIO(),
        )

    assert str(refused.value).endswith(
        ": c-0098, c-0099; c-0007: its content was erased"
    )


@pytest.mark.django_db
def test_an_export_for_a_tool_leaves_an_erased_case_out_and_says_so(
    queue, tmp_path, capsys
):
    item = with_secret(queue)
    freeze(queue)
    erase(item)

    call_command("export", "gate", format="csv", out=tmp_path / "gate.csv")

    assert "1 case: content that was erased" in capsys.readouterr().err
    assert item.external_id not in (tmp_path / "gate.csv").read_text().split(",")


@pytest.mark.django_db
def test_the_command_erases_only_when_it_is_confirmed(queue):
    item = with_secret(queue)
    frozen = freeze(queue)
    out = StringIO()
    values = {"project": "shop", "reason": REASON, "stdout": out}

    call_command("golden_set", "erase", item.external_id, **values)
    asked = Erasure.objects.exists()
    call_command("golden_set", "erase", item.external_id, confirm=True, **values)
    call_command("golden_set", "erased", "gate", stdout=out)

    assert not asked
    assert "\nnothing is erased yet" in out.getvalue()
    assert ": 2 judgments of it; in gate@1.0.0\n" in out.getvalue()
    [erased] = list_erased_cases(frozen.release_id)
    assert str(erased) in out.getvalue()


@pytest.mark.django_db
def test_the_command_repeats_the_reason_before_it_erases(queue):
    item = with_secret(queue)
    out = StringIO()

    values = {"project": "shop", "reason": REASON, "json": True}
    call_command("golden_set", "erase", item.external_id, stdout=out, **values)

    told = json.loads(out.getvalue())
    assert (told["erased"], told["reason"]) == (False, REASON)


@pytest.mark.django_db
def test_a_lead_erases_an_item_after_reading_what_goes(client, queue):
    item = with_secret(queue)
    freeze(queue)
    lea = make_member(queue.project, "lea", role="LEAD")
    client.force_login(lea.user)
    url = reverse("calibration:erasure", args=["shop", item.pk])

    shown = client.get(url)
    unconfirmed = client.post(url, {"reason": REASON})
    done = client.post(url, {"reason": REASON, "is_confirmed": "on"})

    assert "gate@1.0.0" in shown.content.decode()
    assert "Corrections" not in shown.content.decode()
    assert (unconfirmed.status_code, done.status_code) == (422, 303)
    assert Erasure.objects.get(item=item).lead == lea
    page = client.get(done["Location"]).content.decode()
    assert SECRET not in page
    assert "Asked for by the person" in page


@pytest.mark.django_db
def test_the_page_of_a_set_says_how_much_of_a_release_is_erased(client, queue):
    item = with_secret(queue)
    freeze(queue)
    erase(item)
    client.force_login(make_member(queue.project, "lea", role="LEAD").user)
    names = ["shop", "gate", "1.0.0"]

    page = client.get(reverse("calibration:golden_set", args=names[:2]))
    why = client.get(reverse("calibration:erased_cases", args=names))

    assert "1 of 20 erased" in page.content.decode()
    assert reverse("calibration:erased_cases", args=names) in page.content.decode()
    assert item.external_id in why.content.decode()
    assert "Asked for by the person" in why.content.decode()


@pytest.mark.django_db
def test_a_release_that_is_whole_speaks_of_no_erasure(client, queue):
    freeze(queue)
    client.force_login(make_member(queue.project, "lea", role="LEAD").user)
    names = ["shop", "gate", "1.0.0"]

    page = client.get(reverse("calibration:golden_set", args=names[:2]))
    why = client.get(reverse("calibration:erased_cases", args=names))

    assert "erased" not in page.content.decode()
    assert "Nothing of this release was erased" in why.content.decode()


@pytest.mark.django_db
def test_a_line_is_written_the_same_by_the_database_and_by_the_reader(queue):
    item = with_secret(queue)
    item.external_id = 'caf\u00e9 "1" \\ \u0001\x7f\U0001f600'
    item.save()
    make_item(queue.project)
    freeze(queue)

    erase(item)

    text = ReleaseLine.objects.get(file=CASES, text__startswith='{"erased"').text
    found = read_erased(text.encode())
    assert found is not None
    assert (found.case, found.reason) == (item.external_id, REASON)
