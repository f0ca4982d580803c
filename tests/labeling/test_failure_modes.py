"""Leads sort what reviewers wrote into failure modes, and each act is on record."""

from contextlib import suppress
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from labeling.formats.findings import Findings
from labeling.models import FailureMode, Judgment, SortedNote, SortedTag, TaxonomyAct
from labeling.queries.failed_items import Wanted, list_failed_items
from labeling.queries.failure_modes import (
    UnknownMode,
    get_mode,
    list_acts,
    list_modes,
    list_open_notes,
)
from labeling.services.failure_modes import (
    By,
    Chosen,
    ModeRefused,
    create_mode,
    merge_modes,
    rename_mode,
    sort_into,
    split_mode,
    take_out,
)
from labeling.services.findings import keep_findings
from tests.factories import (
    NOW,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)


@pytest.fixture
def by(cast):
    return By(cast.project.pk, cast.lea.pk, NOW)


@pytest.fixture
def queue(cast):
    return make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])


@pytest.fixture
def rater(cast):
    return make_rater(cast.project, "ann")


def judge(queue: Any, rater: Any, *tags: str, **changes: Any) -> Judgment:
    item = make_rated_item(queue, {rater: {"quality": "bad"}})
    type(item).objects.filter(pk=item.pk).update(**changes)
    judgment = Judgment.objects.get(item=item)
    keep_findings(judgment_id=judgment.pk, findings=Findings(tags=tags))
    return judgment


def note(queue: Any, rater: Any, rationale: str) -> Judgment:
    item = make_rated_item(queue, {rater: {}})
    judgment = Judgment.objects.get(item=item)
    judgment.ratings.create(
        criterion=queue.rubric_version.criteria.get(),
        value="bad",
        displayed="bad",
        rationale=rationale,
    )
    return judgment


def held(by: By, mode_id: int) -> tuple[set[str], set[int]]:
    mode = get_mode(project_id=by.project_id, mode_id=mode_id)
    notes = SortedNote.objects.filter(mode_id=mode_id)
    return {*mode.tags}, {*notes.values_list("judgment_id", flat=True)}


def words(by: By) -> list[str]:
    return [act.words for act in list_acts(by.project_id)]


def test_a_mode_is_made_of_tags_and_notes(by, queue, rater):
    judgment = note(queue, rater, "The date is wrong.")

    mode_id = create_mode(
        by=by,
        name="  Wrong   date ",
        description="Not what the passage says.",
        chosen=Chosen(tags=["Wrong Date", "late"], judgments=[judgment.pk]),
    )

    mode = get_mode(project_id=by.project_id, mode_id=mode_id)
    assert (mode.name, mode.description) == ("Wrong date", "Not what the passage says.")
    assert held(by, mode_id) == ({"wrong date", "late"}, {judgment.pk})
    assert words(by) == ["Created “Wrong date” with “wrong date”, “late” and 1 note"]


def test_a_tag_is_in_one_mode_and_moves_when_it_is_sorted_again(by):
    first = create_mode(by=by, name="One", chosen=Chosen(tags=["late"]))
    second = create_mode(by=by, name="Two")

    sort_into(by=by, mode_id=second, chosen=Chosen(tags=["late"]))

    assert held(by, first)[0] == set()
    assert held(by, second)[0] == {"late"}


def test_a_note_may_show_several_modes(by, queue, rater):
    judgment = note(queue, rater, "Late and rude.")
    modes = [
        create_mode(by=by, name=name, chosen=Chosen(judgments=[judgment.pk]))
        for name in ("Late", "Rude")
    ]

    assert [held(by, mode)[1] for mode in modes] == [{judgment.pk}, {judgment.pk}]


def test_sorting_twice_changes_nothing(by, queue, rater):
    judgment = note(queue, rater, "Late.")
    chosen = Chosen(tags=["late"], judgments=[judgment.pk])
    mode_id = create_mode(by=by, name="Late", chosen=chosen)

    sort_into(by=by, mode_id=mode_id, chosen=chosen)

    assert held(by, mode_id) == ({"late"}, {judgment.pk})
    assert SortedNote.objects.count() == 1


def test_what_is_taken_out_is_not_sorted_any_more(by):
    mode_id = create_mode(by=by, name="Late", chosen=Chosen(tags=["late", "slow"]))

    take_out(by=by, mode_id=mode_id, chosen=Chosen(tags=["slow"]))

    assert held(by, mode_id)[0] == {"late"}
    assert words(by)[0] == "Took “slow” out of “Late”"


def test_a_mode_is_renamed_and_its_history_knows_both_names(by):
    mode_id = create_mode(by=by, name="Late")

    rename_mode(by=by, mode_id=mode_id, name="Too late", description="")
    rename_mode(by=by, mode_id=mode_id, name="Too late", description="After the day.")

    assert get_mode(project_id=by.project_id, mode_id=mode_id).name == "Too late"
    assert words(by)[:2] == [
        "Described “Too late” anew",
        "Renamed “Late” to “Too late”",
    ]


def test_a_merged_mode_leaves_all_that_it_held_to_the_other(by, queue, rater):
    both = note(queue, rater, "Late.")
    one = create_mode(
        by=by, name="Late", chosen=Chosen(tags=["late"], judgments=[both.pk])
    )
    other = create_mode(
        by=by, name="Slow", chosen=Chosen(tags=["slow"], judgments=[both.pk])
    )

    merge_modes(by=by, mode_id=one, into_id=other)

    assert held(by, other) == ({"late", "slow"}, {both.pk})
    assert [mode.id for mode in list_modes(by.project_id)] == [other]
    assert words(by)[0] == "Merged “Late” into “Slow”: “late” and 1 note"
    with pytest.raises(UnknownMode):
        sort_into(by=by, mode_id=one, chosen=Chosen(tags=["x"]))


def test_the_name_of_a_merged_mode_is_free_again(by):
    one, other = create_mode(by=by, name="Late"), create_mode(by=by, name="Slow")
    merge_modes(by=by, mode_id=one, into_id=other)

    again = create_mode(by=by, name="Late")

    assert {mode.id for mode in list_modes(by.project_id)} == {other, again}


def test_a_split_moves_the_chosen_into_a_new_mode(by, queue, rater):
    judgment = note(queue, rater, "Rude.")
    chosen = Chosen(tags=["late", "rude"], judgments=[judgment.pk])
    mode_id = create_mode(by=by, name="Service", chosen=chosen)

    part = Chosen(tags=["rude"], judgments=[judgment.pk])
    new = split_mode(by=by, mode_id=mode_id, name="Rude", chosen=part)

    assert held(by, mode_id) == ({"late"}, set())
    assert held(by, new) == ({"rude"}, {judgment.pk})
    assert words(by)[0] == "Split “Rude” from “Service”: “rude” and 1 note"
    assert [act.words for act in list_acts(by.project_id, mode_id)] == words(by)


def refuse(by: By, act: Any, **given: Any) -> str:
    with pytest.raises(ModeRefused) as refused:
        act(by=by, **given)
    return str(refused.value)


def test_what_makes_no_sense_is_refused_in_words(by):
    mode_id = create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))
    other = create_mode(by=by, name="Slow")
    n_acts = TaxonomyAct.objects.count()
    nothing, strange = Chosen(), Chosen(tags=["never"])

    said = [
        refuse(by, create_mode, name="  "),
        refuse(by, create_mode, name="..."),
        refuse(by, create_mode, name="LATE"),
        refuse(by, create_mode, name="x" * 81),
        refuse(by, rename_mode, mode_id=other, name="late", description=""),
        refuse(by, sort_into, mode_id=mode_id, chosen=nothing),
        refuse(by, take_out, mode_id=mode_id, chosen=strange),
        refuse(by, split_mode, mode_id=mode_id, name="New", chosen=nothing),
        refuse(by, split_mode, mode_id=mode_id, name="New", chosen=strange),
        refuse(by, split_mode, mode_id=mode_id, name="Slow", chosen=Chosen(["late"])),
        refuse(by, merge_modes, mode_id=mode_id, into_id=mode_id),
    ]

    assert said[2] == "There is a failure mode “LATE” already."
    assert said[6] == "Not all of these are in “Late” any more."
    assert TaxonomyAct.objects.count() == n_acts
    assert {mode.name for mode in list_modes(by.project_id)} == {"Late", "Slow"}


def test_a_note_of_another_project_is_refused(by, cast):
    elsewhere = make_project("other")
    queue = make_queue(elsewhere, make_rubric(elsewhere))
    judgment = note(queue, make_rater(elsewhere, "zoe"), "Late.")

    said = refuse(by, create_mode, name="Late", chosen=Chosen(judgments=[judgment.pk]))

    assert said == "A note is of another project."
    assert not FailureMode.objects.exists()


def test_a_mode_of_another_project_is_not_there(by):
    elsewhere = make_project("other")
    lead = make_member(elsewhere, "zoe", "LEAD")
    theirs = create_mode(by=By(elsewhere.pk, lead.pk, NOW), name="Late")

    with pytest.raises(UnknownMode):
        rename_mode(by=by, mode_id=theirs, name="Mine", description="")
    with pytest.raises(UnknownMode):
        get_mode(project_id=by.project_id, mode_id=theirs)


def test_the_database_keeps_a_tag_and_its_mode_in_one_project(by):
    elsewhere = make_project("other")
    mode_id = create_mode(by=by, name="Late")

    with pytest.raises(IntegrityError, match="sortedtag_mode_of_its_project"):
        SortedTag.objects.create(project=elsewhere, tag="late", mode_id=mode_id)


def test_the_database_sorts_nothing_into_a_mode_that_is_no_more(by):
    one, other = create_mode(by=by, name="Late"), create_mode(by=by, name="Slow")
    merge_modes(by=by, mode_id=one, into_id=other)

    with pytest.raises(IntegrityError, match="merged into another"):
        SortedTag.objects.create(project_id=by.project_id, tag="late", mode_id=one)


def test_what_was_done_cannot_be_rewritten(by):
    create_mode(by=by, name="Late")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        TaxonomyAct.objects.update(kind="MERGED")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        TaxonomyAct.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_a_sort_at_once_lose_no_tag(by):
    one, other = create_mode(by=by, name="Late"), create_mode(by=by, name="Slow")
    barrier = Barrier(2)

    def run(act: Any, **given: Any) -> None:
        barrier.wait()
        # Where the merge was first, the lead is told.
        with suppress(UnknownMode):
            act(by=by, **given)
        connection.close()

    threads = [
        Thread(
            target=run, args=(merge_modes,), kwargs={"mode_id": one, "into_id": other}
        ),
        Thread(
            target=run,
            args=(sort_into,),
            kwargs={"mode_id": one, "chosen": Chosen(tags=["late"])},
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not SortedTag.objects.filter(mode_id=one).exists()
    sorted_in = TaxonomyAct.objects.filter(kind="SORTED").exists()
    assert held(by, other)[0] == ({"late"} if sorted_in else set())


def test_open_notes_are_words_without_a_tag_that_nobody_sorted(by, queue, rater):
    judge(queue, rater, "late")
    plain = note(queue, rater, "")
    open_note = note(queue, rater, "Not what was asked.")
    tagged = note(queue, rater, "Has a tag.")
    keep_findings(judgment_id=tagged.pk, findings=Findings(tags=("late",)))
    done = note(queue, rater, "Sorted.")
    create_mode(by=by, name="Late", chosen=Chosen(judgments=[done.pk]))

    found = list_open_notes(project_id=by.project_id, page=1)

    assert [one.judgment_id for one in found.rows] == [open_note.pk]
    assert found.rows[0].words == ("Not what was asked.",)
    assert plain.pk not in {one.judgment_id for one in found.rows}
    assert not found.has_next


def test_failed_items_are_found_by_mode_tag_intent_and_queue(by, cast, queue, rater):
    late = judge(queue, rater, "late", signals={"intent": "billing"})
    rude = judge(queue, rater, "rude", "slow")
    judge(queue, rater)
    read = note(queue, rater, "It came late.")
    other = make_queue(cast.project, queue.rubric_version, slug="other")
    elsewhere = judge(other, rater, "late")
    mode_id = create_mode(
        by=by, name="Late", chosen=Chosen(tags=["late"], judgments=[read.pk])
    )

    def items(**wanted: Any) -> set[int]:
        found = list_failed_items(
            project_id=by.project_id, wanted=Wanted(**wanted), page=1
        )
        assert found.n_items == len(found.rows)
        return {row.item_id for row in found.rows}

    everything = {one.item_id for one in (late, rude, read, elsewhere)}
    assert items() == everything
    assert items(mode=mode_id) == everything - {rude.item_id}
    assert items(tag="slow") == items(is_unsorted=True) == {rude.item_id}
    assert items(intent="billing") == {late.item_id}
    assert items(intent="") == everything - {late.item_id}
    assert items(queue="other") == {elsewhere.item_id}


def test_a_list_among_given_items_takes_those_without_a_tag(by, queue, rater):
    untagged = judge(queue, rater)
    judge(queue, rater, "late")

    found = list_failed_items(
        project_id=by.project_id, wanted=Wanted(), page=1, among=[untagged.item_id, 0]
    )

    assert [row.item_id for row in found.rows] == [untagged.item_id]
    assert found.rows[0].tags == ()
