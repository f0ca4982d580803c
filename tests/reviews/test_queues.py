"""Queue files, panels, and slots that follow the overlap."""

import json
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from reviews.management.base import InputFaults, Refused
from reviews.models import Member, PanelSeat, Project, Queue, Slot, SlotState, User
from reviews.queries.queues import UnknownQueue, find_queue
from reviews.services.projects import retire_project
from reviews.services.queue_files import QueueFault, parse_queue
from reviews.services.queues import apply_queue
from tests.factories import (
    NOW,
    make_item,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)

FILE = """
project = "shop"
queue = "answers"
rubric = "answer"
kinds = ["single"]
reviewers = ["ada", "ben"]
overlap = 2
"""


def apply(cast: Any, text: str = FILE) -> Any:
    version = cast.project.rubrics.first() or make_rubric(cast.project).rubric
    return apply_queue(
        spec=parse_queue(text),
        project_id=cast.project.pk,
        rubric_version_id=version.versions.get().pk,
        now=NOW,
        rng=Random(1),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("queue = ", "not TOML"),
        ('rubric = "r"', "queue is missing"),
        ('queue = "q"', "rubric is missing"),
        ('queue = "a b"\nrubric = "r"', "queue: 'a b' is not a name"),
        ('queue = "q"\nrubric = "r"\ncolour = 1', "unknown key 'colour'"),
        ('queue = "q"\nrubric = "r"\noverlap = 0', "overlap: expected a whole number"),
        ('queue = "q"\nrubric = "r"\noverlap = 1.5', "overlap: expected a whole"),
        ('queue = "q"\nrubric = "r"\noverlap = true', "overlap: expected a whole"),
        ('queue = "q"\nrubric = "r"\ngold_rate = 0.9', "gold_rate: expected a number"),
        ('queue = "q"\nrubric = "r"\nkinds = ["song"]', "kinds: 'song' is not one of"),
        (
            'queue = "q"\nrubric = "r"\nauthority = ["publish"]',
            "authority: 'publish' is not one of approve, reject, revise, escalate",
        ),
        (
            'queue = "q"\nrubric = "r"\nauthority = ["revise"]',
            "authority: expected approve beside reject and revise",
        ),
        (
            'queue = "q"\nrubric = "r"\nauthority = ["reject", "escalate"]',
            "authority: expected approve beside reject and revise",
        ),
        ('queue = "q"\nrubric = "r"\nkinds = []', "kinds: expected at least one"),
        ('queue = "q"\nrubric = "r"\nreviewers = "ada"', "reviewers: expected a list"),
        (
            'queue = "q"\nrubric = "r"\nreviewers = ["a"]\nbackups = ["a"]',
            "backups: 'a' is one of the reviewers",
        ),
        (
            'queue = "q"\nrubric = "r"\nsla_hours = { low = 4 }',
            "sla_hours: expected { critical = ..., high = ...",
        ),
        (
            'queue = "q"\nrubric = "r"\n'
            "sla_hours = { critical = 0, high = 1, medium = 2, low = 3 }",
            "sla_hours: critical: expected whole hours",
        ),
        (
            'queue = "q"\nrubric = "r"\ngold_rate = 0.4\nretest_rate = 0.2',
            "retest_rate: expected at most 0.5 together",
        ),
        (
            'queue = "q"\nrubric = "r"\nplain_text = "yes"',
            "plain_text: expected true or false",
        ),
        (
            'queue = "q"\nrubric = "r"\nguess_systems = ["one"]',
            "guess_systems: expected 2 to 8",
        ),
        (
            'queue = "q"\nrubric = "r"\nretest_after_items = 0',
            "retest_after_items: expected a whole number from 1",
        ),
    ],
)
def test_queue_file_that_cannot_hold_is_refused(text, message):
    with pytest.raises(QueueFault) as fault:
        parse_queue(text)

    assert message in str(fault.value)


def test_queue_is_made_with_its_panel(cast):
    applied = apply(cast)

    queue = Queue.objects.get(pk=applied.queue_id)
    assert applied.created
    assert queue.title == "Answers"
    seats = queue.panel.values_list("reviewer__handle", flat=True)
    assert set(seats) == {"ada", "ben"}


def test_same_file_again_changes_nothing(cast):
    apply(cast)

    applied = apply(cast)

    assert (applied.created, applied.changed) == (False, ())


def test_reviewer_who_is_left_out_loses_the_seat_and_may_come_back(cast):
    apply(cast)

    applied = apply(cast, FILE.replace('"ada", "ben"', '"ben"'))

    assert applied.changed == ("reviewers",)
    assert not PanelSeat.objects.get(reviewer=cast.ada).is_active
    apply(cast)
    assert PanelSeat.objects.get(reviewer=cast.ada).is_active


def test_reviewer_who_becomes_a_backup_keeps_the_seat(cast):
    apply(cast)

    applied = apply(cast, FILE.replace('"ada", "ben"]', '"ada"]\nbackups = ["ben"]'))

    assert applied.changed == ("reviewers", "backups")
    assert dict(PanelSeat.objects.values_list("reviewer__handle", "is_backup")) == {
        "ada": False,
        "ben": True,
    }


def test_hours_of_the_sla_follow_the_tiers(cast):
    hours = "sla_hours = { low = 168, critical = 4, medium = 72, high = 24 }"

    queue_id = apply(cast, FILE + hours).queue_id

    assert Queue.objects.get(pk=queue_id).sla_hours == [4, 24, 72, 168]


def test_changed_sla_forgets_what_was_overdue(cast):
    queue = Queue.objects.get(pk=apply(cast).queue_id)
    make_slots(queue, make_item(cast.project))
    Slot.objects.update(overdue_at=NOW)

    apply(cast, FILE + "sla_hours = { critical = 4, high = 24, medium = 72, low = 99 }")

    assert not Slot.objects.filter(overdue_at__isnull=False).exists()


def test_reviewer_who_is_not_a_member_is_named(cast):
    with pytest.raises(QueueFault, match="'zoe' is not a member"):
        apply(cast, FILE.replace('"ben"', '"zoe"'))

    assert not Queue.objects.exists()


def test_higher_overlap_opens_more_slots_for_every_item(cast):
    queue = Queue.objects.get(pk=apply(cast).queue_id)
    make_slots(queue, make_item(cast.project))

    applied = apply(cast, FILE.replace("overlap = 2", "overlap = 4"))

    assert applied.changed == ("overlap",)
    assert list(Slot.objects.order_by("number").values_list("number", "state")) == [
        (number, SlotState.OPEN) for number in (1, 2, 3, 4)
    ]


def test_lower_overlap_withdraws_open_slots_and_keeps_the_others(cast):
    queue = Queue.objects.get(
        pk=apply(cast, FILE.replace("overlap = 2", "overlap = 3")).queue_id
    )
    make_slots(queue, make_item(cast.project))
    Slot.objects.filter(number=3).update(state=SlotState.FILLED)

    apply(cast, FILE.replace("overlap = 2", "overlap = 1"))

    assert list(Slot.objects.order_by("number").values_list("state", flat=True)) == [
        SlotState.WITHDRAWN,
        SlotState.WITHDRAWN,
        SlotState.FILLED,
    ]


def test_queue_is_found_by_its_name_alone_where_that_is_enough(cast):
    make_queue(cast.project, make_rubric(cast.project))

    assert find_queue(name="answers").project == "shop"


def test_queue_name_in_two_projects_asks_which(cast):
    make_queue(cast.project, make_rubric(cast.project))
    other = make_project("mill")
    make_queue(other, make_rubric(other))

    with pytest.raises(UnknownQueue, match="say mill/answers, shop/answers"):
        find_queue(name="answers")
    assert find_queue(name="mill/answers").project == "mill"


def test_queue_of_a_retired_project_is_not_found(cast):
    make_queue(cast.project, make_rubric(cast.project))
    retire_project(project_id=cast.project.pk, now=NOW)

    with pytest.raises(UnknownQueue, match="there is no queue 'answers'"):
        find_queue(name="answers")


def run(*args: str) -> None:
    call_command(*args)


def test_command_makes_the_queue(cast, tmp_path, capsys):
    make_rubric(cast.project)
    file = tmp_path / "queue.toml"
    file.write_text(FILE)

    run("queue", "apply", str(file), "--json")

    assert json.loads(capsys.readouterr().out) == {
        "project": "shop",
        "queue": "answers",
        "rubric": "answer",
        "created": True,
        "changed": [],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('rubric = "answer"', 'rubric = "other"'), "there is no rubric 'other'"),
        (('rubric = "answer"', 'rubric = "answer@7"'), "no version 7: the newest is 1"),
        (('project = "shop"\n', ""), "project is missing"),
    ],
)
def test_command_names_what_is_wrong_in_the_file(cast, tmp_path, change, message):
    make_rubric(cast.project)
    file = tmp_path / "queue.toml"
    file.write_text(FILE.replace(*change))

    with pytest.raises(InputFaults) as fault:
        run("queue", "apply", str(file))

    assert message in str(fault.value)


def test_member_is_added_with_a_password_that_is_said_once(db, capsys):
    run("member", "add", "zoe", "--role", "reviewer", "--project", "mill", "--json")

    result = json.loads(capsys.readouterr().out)
    user = User.objects.get(username="zoe")
    assert user.check_password(result["password"])
    assert Member.objects.get(user=user).project.slug == "mill"


def test_account_that_is_there_keeps_its_password(cast, capsys):
    make_project("mill")

    run("member", "add", "ada", "--role", "lead", "--project", "mill", "--json")

    assert json.loads(capsys.readouterr().out)["password"] is None
    assert User.objects.filter(username="ada").count() == 1


def test_member_is_not_added_twice(cast):
    with pytest.raises(Refused, match="'ada' is in this project already"):
        run("member", "add", "ada", "--role", "lead", "--project", "shop")


def test_members_are_listed(cast, capsys):
    run("member", "list", "--project", "shop", "--json")

    rows = json.loads(capsys.readouterr().out)["members"]
    assert {row["handle"]: row["role"] for row in rows} == {
        "ada": "reviewer",
        "ben": "reviewer",
        "lea": "lead",
        "adam": "admin",
    }


def test_password_is_renewed(cast, capsys):
    run("member", "password", "ada", "--json")

    password = json.loads(capsys.readouterr().out)["password"]
    cast.ada.user.refresh_from_db()
    assert cast.ada.user.check_password(password)


def test_password_of_nobody_is_refused(db):
    with pytest.raises(Refused, match="there is no account 'zoe'"):
        run("member", "password", "zoe")


@pytest.mark.parametrize("name", ["a b", "", "a\nb", "x" * 151])
def test_name_that_no_account_can_have_is_refused(db, name):
    with pytest.raises(Refused, match="is no name for an account"):
        run("member", "add", name, "--role", "reviewer", "--project", "mill")

    assert not User.objects.exists()
    assert not Project.objects.exists()


def test_command_says_that_the_rubric_changed(cast, tmp_path, capsys):
    make_rubric(cast.project)
    make_rubric(cast.project, slug="other")
    file = tmp_path / "queue.toml"
    file.write_text(FILE)
    run("queue", "apply", str(file))
    file.write_text(FILE.replace('rubric = "answer"', 'rubric = "other"'))

    run("queue", "apply", str(file))

    assert capsys.readouterr().out.endswith("changed: rubric.\n")
