"""Ratings made elsewhere come in as a CSV."""

import contextlib
import json
from io import StringIO

import pytest
from django.core.management import call_command

from labeling.models import Dispute, Judgment, Rating
from reviews.management.base import InputFaults, Refused
from reviews.models import Assignment, Member, Slot
from tests.factories import make_item, make_queue, make_rubric, make_slots

LEVELS = {"quality": "ORDINAL", "flaws": "MULTI_LABEL", "score": "INTERVAL"}


@pytest.fixture
def queue(cast):
    return make_queue(cast.project, make_rubric(cast.project, levels=LEVELS))


@pytest.fixture
def items(cast):
    return [make_item(cast.project, external_id=f"t-{number}") for number in range(3)]


@pytest.fixture
def bring_in(tmp_path):
    """Import a CSV; its JSON, and the faults as "line field: message"."""

    def run(text, queue="answers"):
        path, out = tmp_path / "ratings.csv", StringIO()
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with contextlib.suppress(InputFaults):
            call_command(
                "import_judgments", str(path), "--queue", queue, "--json", stdout=out
            )
        result = json.loads(out.getvalue())
        result["faults"] = [
            f"{fault['line']} {fault['field']}: {fault['expected']}"
            for fault in result["faults"]
        ]
        return result

    return run


HEADER = "item_id,rater_id,criterion,label,rationale,time\n"
GOOD = (
    HEADER
    + "t-0,r1,quality,good,,2024-05-01T10:00:00Z\n"
    + "t-1,r1,quality,bad,too short,\n"
    + "t-0,r1,flaws,fair|bad,,\n"
    + "t-0,r2,quality,bad,,\n"
    + "t-0,r1,score,7,,\n"
)


def test_rows_in_any_order_become_one_judgment_per_item_and_rater(
    queue, items, bring_in
):
    result = bring_in(GOOD)

    assert result == {
        "queue": "answers",
        "rows": 5,
        "judgments_added": 3,
        "unchanged": 0,
        "raters": 2,
        "faults": [],
    }
    first = Judgment.objects.get(item=items[0], reviewer__handle="r1")
    assert first.counts
    assert first.submitted_at.isoformat() == "2024-05-01T10:00:00+00:00"
    assert sorted(first.ratings.values_list("criterion__key", "value")) == [
        ("flaws", ["bad", "fair"]), ("quality", "good"), ("score", 7),
    ]  # fmt: skip
    assert Rating.objects.get(judgment__item=items[1]).rationale == "too short"


def test_raters_are_members_without_an_account(queue, items, bring_in):
    bring_in(GOOD)

    raters = Member.objects.filter(origin="IMPORTED")
    assert sorted(raters.values_list("handle", flat=True)) == ["r1", "r2"]
    assert not raters.filter(user__isnull=False).exists()


def test_the_same_rows_again_change_nothing(queue, items, bring_in):
    bring_in(GOOD)

    result = bring_in(GOOD)

    assert (result["judgments_added"], result["unchanged"]) == (0, 3)
    assert result["faults"] == []
    assert Judgment.objects.count() == 3


def test_a_different_value_for_a_judgment_that_is_there_is_refused(
    queue, items, bring_in
):
    bring_in(GOOD)

    result = bring_in(
        GOOD.replace("t-1,r1,quality,bad", "t-1,r1,quality,fair") + "t-1,r1,score,3,,\n"
    )

    assert result["unchanged"] == 2
    assert len(result["faults"]) == 2
    assert result["faults"][0].startswith('3 label: the judgment is there with "bad"')
    assert result["faults"][1].startswith("7 label: the judgment is there without")
    assert Rating.objects.get(judgment__item=items[1]).value == "bad"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("t-9,r1,quality,good,,", "2 item_id: there is no item 't-9'"),
        ("t-0,r1,looks,good,,", "2 criterion: expected one of quality, flaws, score"),
        ("t-0,r1,,good,,", "2 criterion: expected one of quality, flaws, score"),
        ("t-0,r1,quality,superb,,", "2 label: expected one of bad, fair, good, got"),
        ("t-0,r1,flaws,bad|ugly,,", "2 label: expected labels out of bad, fair, good"),
        ("t-0,r1,flaws,,,", "2 label: expected labels out of"),
        ("t-0,r1,score,11,,", "2 label: expected a number from 0 to 10 in steps of 1"),
        ("t-0,r1,score,nan,,", "2 label: expected a number"),
        ("t-0,r1,score,inf,,", "2 label: expected a number"),
        ("t-0,r1,quality,good,,yesterday", "2 time: expected ISO 8601"),
        ("t-0,,quality,good,,", "2 rater_id: expected 1 to 150 characters"),
        ("t-0,ada,quality,good,,", "2 rater_id: 'ada' is the name of a member"),
        ("t-0,r1,quality", "2 line: expected 6 fields, got 3"),
        ("t-0,r1,quality,go\0od,,", "2 label: expected text without NUL"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_good_ones_go_in(
    queue, items, bring_in, row, fault
):
    result = bring_in(HEADER + row + "\nt-1,r2,quality,good,,\n")

    assert len(result["faults"]) == 1
    assert result["faults"][0].startswith(fault)
    assert result["judgments_added"] == 1


def test_a_row_that_is_not_utf8_is_told(queue, items, bring_in):
    result = bring_in(HEADER.encode() + b"t-0,r1,quality,good,caf\xe9,\n")

    assert result["faults"] == ["2 rationale: expected UTF-8"]


def test_a_row_that_is_there_twice_is_told(queue, items, bring_in):
    result = bring_in(HEADER + "t-0,r1,quality,good,,\n" * 2)

    assert result["faults"] == [
        "3 line: repeats line 2: the same item, rater and criterion"
    ]
    assert result["judgments_added"] == 0


def test_the_rows_of_a_judgment_stand_or_fall_together(queue, items, bring_in):
    result = bring_in(
        HEADER + "t-0,r1,quality,good,,\nt-0,r1,score,99,,\nt-0,r2,score,9,,\n"
    )

    assert len(result["faults"]) == 1
    assert list(Judgment.objects.values_list("reviewer__handle", flat=True)) == ["r2"]


def test_the_criterion_may_be_left_out_where_there_is_one(cast, items, bring_in):
    levels = {"better": "PAIRWISE", "note": "TEXT"}
    make_queue(cast.project, make_rubric(cast.project, levels=levels))
    pair = make_item(cast.project, "PAIR", external_id="p-0")

    result = bring_in("item_id,rater_id,label\np-0,r1,B\np-0,r2,tie\n")

    assert result["faults"] == []
    ratings = Rating.objects.order_by("pk").values_list("value", "displayed")
    assert list(ratings) == [("B", "RIGHT"), ("tie", "tie")]
    orders = Assignment.objects.filter(item=pair).values_list("response_order")
    assert list(orders) == [([0, 1],), ([0, 1],)]


def test_a_quoted_row_over_two_lines_counts_its_first(queue, items, bring_in):
    result = bring_in(
        HEADER + 't-0,r1,quality,good,"two\nlines",\nt-0,r2,quality,superb,,\n'
    )

    assert result["faults"][0].startswith("4 label")
    assert Rating.objects.get().rationale == "two\nlines"


def test_imported_judgments_fill_the_slots_of_their_items(queue, items, bring_in):
    make_slots(queue, items[0])
    make_slots(queue, items[1])

    bring_in(GOOD)

    states = Slot.objects.order_by("item", "number").values_list("state", flat=True)
    assert list(states) == ["FILLED", "FILLED", "FILLED", "OPEN"]


def test_an_import_opens_its_disputes(queue, items, bring_in):
    bring_in(GOOD)

    assert list(Dispute.objects.values_list("item__external_id", "criterion__key")) == [
        ("t-0", "quality")
    ]


def test_a_header_without_what_is_needed_is_refused(queue, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("item_id,label\n")

    with pytest.raises(Refused, match="the header lacks rater_id"):
        call_command("import_judgments", str(path), "--queue", "answers")


def test_a_queue_that_is_not_there_is_refused(cast, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(GOOD)

    with pytest.raises(Refused, match="there is no queue 'answers'"):
        call_command("import_judgments", str(path), "--queue", "answers")


def test_faults_end_the_command_with_code_1(queue, items, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(HEADER + "t-0,r1,quality,superb,,\n")

    with pytest.raises(InputFaults, match=r"r.csv:2: label: expected one of") as raised:
        call_command(
            "import_judgments", str(path), "--queue", "answers", stdout=StringIO()
        )

    assert raised.value.returncode == 1
