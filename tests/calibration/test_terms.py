"""References, grading rules, retired cases, pseudonyms, and what a diff says."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from calibration.formats.grading import TermsFault, TermsLine, read_terms_lines
from calibration.models import CaseTerms, Pseudonym, Release, ReleaseLine
from calibration.queries.releases import find_release
from calibration.services.diffs import Diff, diff_releases, side_of_release
from calibration.services.freezing import FreezeRefused, freeze_release
from calibration.services.golden_sets import own_reference
from labeling.models import Correction
from reviews.models import Presentable, Queue
from tests.calibration.makers import (
    facts,
    make_adjudication,
    make_agreeing_queue,
    make_dispute,
    make_imported_judgment,
)
from tests.factories import NOW, make_item, make_member

pytestmark = pytest.mark.django_db


def freeze(queue: Queue, **changes: Any) -> Any:
    values = {"name": "gate", "override": "", "frozen_by_id": None, "now": NOW}
    return freeze_release(queue=facts(queue), **values | changes)


def case(name: str) -> Any:
    release = Release.objects.order_by("pk").last()
    lines = ReleaseLine.objects.filter(release=release, file="cases.jsonl")
    [found] = [
        parsed
        for parsed in map(json.loads, lines.values_list("text", flat=True))
        if parsed["id"] == name
    ]
    return found


@pytest.fixture
def queue():
    queue = make_agreeing_queue(n=40)
    freeze(queue)
    return queue


@pytest.fixture
def first(queue) -> str:
    return str(queue.project.items.order_by("pk")[0].external_id)


def say(tmp_path: Path, *lines: dict[str, Any], owner: str | None = None) -> None:
    path = tmp_path / "terms.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    call_command("golden_set", "terms", "gate", str(path), owner=owner)


def test_a_reference_is_a_draft_until_somebody_owns_it(queue, first, tmp_path):
    say(tmp_path, {"id": first, "reference": "Thirty days."})
    freeze(queue)
    draft = case(first)["reference"]
    bob = queue.project.members.get(handle="bob")

    own_reference(
        golden_set_id=queue.project.golden_sets.get().pk,
        item=first,
        owner_id=bob.pk,
        now=NOW,
    )
    freeze(queue)

    assert draft == {"text": "Thirty days.", "status": "draft", "owner": None}
    owned = case(first)["reference"]
    assert (owned["status"], owned["owner"][0]) == ("owned", "r")


def test_a_file_may_say_who_owns_its_references(queue, first, tmp_path):
    say(tmp_path, {"id": first, "reference": "Thirty days."}, owner="bob")

    assert CaseTerms.objects.get(owner__handle="bob").reference == "Thirty days."


def test_another_text_makes_a_draft_of_an_owned_reference(queue, first, tmp_path):
    say(tmp_path, {"id": first, "reference": "Thirty days."}, owner="bob")

    say(tmp_path, {"id": first, "reference": "Sixty days."})

    newest = CaseTerms.objects.order_by("-pk")[0]
    assert (newest.reference, newest.owner) == ("Sixty days.", None)


def test_the_same_text_again_keeps_its_owner(queue, first, tmp_path):
    say(tmp_path, {"id": first, "reference": "Thirty days."}, owner="bob")

    say(tmp_path, {"id": first, "reference": "Thirty days."})

    assert CaseTerms.objects.count() == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "one_of", "values": ["a", "b"], "ignore_case": True},
        {"type": "numeric", "value": "12.5", "tolerance": "0.1", "is_relative": False},
        {"type": "rubric_label", "criteria": ["quality"]},
        {"type": "pairwise", "criterion": "quality"},
        {"type": "judge", "criteria": ["quality"], "instructions": "Read it."},
    ],
)
def test_a_rule_is_in_the_release_as_it_was_said(queue, first, tmp_path, rule):
    say(tmp_path, {"id": first, "grading": rule})

    frozen = freeze(queue)

    assert case(first)["grading"] == rule
    assert frozen.version == (
        "1.0.0" if "criteria" in rule and len(rule) == 2 else "2.0.0"
    )


def test_a_case_graded_by_a_reference_that_it_does_not_have_refuses(
    queue, first, tmp_path
):
    say(tmp_path, {"id": first, "grading": {"type": "exact"}})

    with pytest.raises(FreezeRefused, match="1 cases are graded by a reference"):
        freeze(queue)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", ""),
        (b'{"id": "a", "grading": {"type": "magic"}}', "expected exact, one_of"),
        (b'{"id": "a", "grading": {"type": "one_of", "values": []}}', "grading.values"),
        (b'{"id": "a", "grading": {"type": "numeric", "value": "NaN"}}', "decimal"),
        (
            b'{"id": "a", "grading": {"type": "numeric", "value": "1", '
            b'"tolerance": "-1"}}',
            "not under 0",
        ),
        (b'{"id": "a", "note": 1}', "note: is not a field"),
        (b'{"id": "a", "reference": "\\u0000"}', "NUL"),
    ],
)
def test_a_line_that_is_no_terms_is_named(line, fault):
    [found] = read_terms_lines([line])

    assert isinstance(found, TermsFault)
    assert str(found).startswith("line 1")
    assert fault in str(found)


def test_a_reference_that_says_nul_in_words_is_kept():
    [found] = read_terms_lines([rb'{"id": "a", "reference": "\\u0000"}'])

    assert isinstance(found, TermsLine)
    assert found.reference == r"\u0000"


def test_good_lines_of_a_file_are_taken_and_the_others_named(queue, first, tmp_path):
    with pytest.raises(CommandError, match="line 2, case none: id") as refused:
        say(
            tmp_path,
            {"id": first, "reference": "x"},
            {"id": "none", "reference": "y"},
            {"id": first, "grading": {"type": "judge", "criteria": ["other"]}},
        )

    assert "no criterion 'other'; expected quality" in str(refused.value)
    assert CaseTerms.objects.count() == 1


def diff(old: str, new: str) -> Diff:
    sides = [side_of_release(find_release(name=name)) for name in (old, new)]
    return diff_releases(*sides)


def test_a_retired_case_is_gone_from_the_next_release_with_its_reason(queue, first):
    call_command(
        "golden_set", "retire", "gate", first, because="leaked", note="On a forum"
    )

    frozen = freeze(queue)

    [change] = diff("gate@1.0.0", "gate@2.0.0").changes
    assert (frozen.version, frozen.n_cases) == ("2.0.0", 39)
    assert change.why == ("retired as leaked: On a forum",)


def test_a_diff_tells_what_relabelled_a_case(queue, first):
    item = queue.project.items.get(external_id=first)
    lea = make_member(queue.project, "lea", "LEAD")
    make_adjudication(make_dispute(queue, item), lea, "fair", "Half of it is right.")
    freeze(queue)

    found = diff("gate@1.0.0", "gate")

    [change] = found.changes
    assert change.why == ("quality: good -> fair (adjudicated: Half of it is right.)",)
    assert found.counts.fields == {"labels": 1}


def test_a_diff_counts_what_was_added(queue):
    item = make_item(queue.project)
    for handle in ("ann.lee", "bob"):
        member = queue.project.members.get(handle=handle)
        make_imported_judgment(queue, item, member, quality="good")
    freeze(queue)

    counts = diff("gate@1.0.0", "gate").counts

    assert (counts.n_added, counts.n_removed, counts.n_shared) == (1, 0, 40)


def test_a_diff_reads_folders_too(queue, first, tmp_path, capsys):
    call_command("export", "gate", out=tmp_path / "one")
    call_command("golden_set", "retire", "gate", first, because="disputed", note="n")
    freeze(queue)
    capsys.readouterr()

    call_command("diff", str(tmp_path / "one"), "gate", "--json")

    found = json.loads(capsys.readouterr().out)
    assert (found["old"], found["new"]) == ("gate@1.0.0", "gate@2.0.0")
    assert found["bump"] == "major"
    assert found["changes"][0]["case"] == first


def test_a_folder_that_was_tampered_with_is_not_compared(queue, tmp_path):
    call_command("export", "gate", out=tmp_path / "one")
    (tmp_path / "one" / "rubric.json").write_text("{}")

    with pytest.raises(CommandError, match="is not what was released") as refused:
        call_command("diff", str(tmp_path / "one"), "gate")

    assert refused.value.returncode == 2


def test_a_higher_version_may_be_asked_for(queue):
    make_item(queue.project)

    assert freeze(queue, version="3.0.0").version == "3.0.0"


def test_a_lower_version_than_what_changed_is_refused(queue, first):
    call_command("golden_set", "retire", "gate", first, because="leaked", note="n")

    with pytest.raises(FreezeRefused, match=r"makes this 2\.0\.0 at least"):
        freeze(queue, version="1.1.0")


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0"])
def test_a_version_that_is_none_is_refused(queue, version):
    with pytest.raises(FreezeRefused, match="is no version"):
        freeze(queue, version=version)


def test_who_is_behind_a_pseudonym_can_be_erased_and_the_release_stays(
    queue, tmp_path, capsys
):
    digest = Release.objects.get().digest
    call_command("golden_set", "raters", "gate", "--json")
    before = json.loads(capsys.readouterr().out)["raters"]

    call_command("golden_set", "forget", "bob", project="shop")
    call_command("export", "gate", out=tmp_path / "release")

    assert sorted(before.values()) == ["ann.lee", "bob"]
    assert [one.member.handle for one in Pseudonym.objects.all()] == ["ann.lee"]
    capsys.readouterr()
    call_command("verify", str(tmp_path / "release"), "--json", digest=digest)
    assert json.loads(capsys.readouterr().out)["ok"] is True


def correct(queue: Queue, name: str, text: str, reviewer: str) -> None:
    """One more judgment of an item, with what its response should have been."""
    item = queue.project.items.get(external_id=name)
    member = make_member(queue.project, reviewer)
    Presentable.objects.create(
        item=item, content=item.content, masks=[], prepared_at=NOW
    )
    with transaction.atomic():
        judgment = make_imported_judgment(queue, item, member, quality="good")
        Correction.objects.create(judgment=judgment, response=1, text=text)


def test_a_correction_becomes_a_reference_that_nobody_owns_yet(queue, first, capsys):
    correct(queue, first, "Thirty days.", "cy")

    call_command("golden_set", "draft", "gate")
    freeze(queue, override="The third vote is one alone.")

    assert "1 reference drafted" in capsys.readouterr().out
    assert case(first)["reference"] == {
        "text": "Thirty days.",
        "status": "draft",
        "owner": None,
    }


def test_a_correction_takes_the_place_of_no_reference(queue, first, tmp_path):
    correct(queue, first, "Thirty days.", "cy")
    say(tmp_path, {"id": first, "reference": "Sixty days."})

    call_command("golden_set", "draft", "gate")

    assert CaseTerms.objects.get(item__external_id=first).reference == "Sixty days."


def test_a_correction_is_drafted_once(queue, first):
    correct(queue, first, "Thirty days.", "cy")

    call_command("golden_set", "draft", "gate")
    call_command("golden_set", "draft", "gate")

    assert CaseTerms.objects.count() == 1


def test_a_lead_drafts_from_corrections_on_the_page(queue, first, client):
    correct(queue, first, "Thirty days.", "cy")
    client.force_login(make_member(queue.project, "lea", role="LEAD").user)

    before = client.get("/p/shop/golden-sets/gate/").content.decode()
    done = client.post("/p/shop/golden-sets/gate/drafts/", follow=True)

    assert "Of 1 case without a reference" in before
    assert "I stand behind it" in done.content.decode()


def test_an_offered_spec_has_the_window_of_the_project_itself(queue, client):
    make_item(queue.project, provenance={"created_at": "2026-03-20T10:00:00Z"})
    oldest = queue.project.items.order_by("pk")[0]
    oldest.provenance = {"created_at": "2026-03-02"}
    oldest.save()
    client.force_login(make_member(queue.project, "lea", role="LEAD").user)

    page = client.get("/p/shop/golden-sets/gate/").content.decode()

    assert "from = 2026-03-02\nuntil = 2026-03-20\n" in page
