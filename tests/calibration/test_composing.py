"""A spec: which cases it takes, what they weigh, and what it refuses to be."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from calibration.formats.cases import Cell
from calibration.formats.specs import SpecFault, describe_spec, parse_spec, read_spec
from calibration.models import Release, ReleaseLine
from calibration.queries.criteria import get_version
from calibration.services.composing import Composition, compose, list_gaps
from calibration.services.freezing import freeze_release
from calibration.services.golden_sets import apply_spec
from calibration.services.quotas import plan_quotas, share_out, weigh
from reviews.models import Item, Queue, RoutingDecision, TriagePolicy
from tests.calibration.makers import (
    facts,
    make_adjudication,
    make_dispute,
    make_imported_judgment,
)
from tests.factories import (
    NOW,
    make_item,
    make_project,
    make_queue,
    make_rater,
    make_rubric,
)

pytestmark = pytest.mark.django_db

SPEC = """
queue = "answers"
[size]
cases = 20
why = "small"
[hard]
share = 0.25
"""

POLICY = """
audit_rate = 0.1
[audit_queue]
single = "answers"
[[rule]]
name = "rest"
action = "sample"
rate = 0.25
queue = "answers"
[[rule]]
name = "elsewhere"
action = "sample"
rate = 0.25
queue = "others"
"""


def make_traffic(n: int = 60, judged: int = 60) -> Queue:
    """Items of two intents; of ten, two are unsure and one is an incident."""
    project = make_project()
    queue = make_queue(project, make_rubric(project))
    raters = [make_rater(project, name) for name in ("ann", "bob")]
    for number in range(n):
        item = make_item(
            project,
            external_id=f"t-{number:03}",
            signals={
                "intent": "refund" if number % 3 else "delivery",
                "confidence": 0.1 if number % 10 in (1, 2) else 0.9,
                "flags": ["incident"] if number % 10 == 0 else [],
            },
            provenance={"created_at": f"2026-09-{number % 28 + 1:02}T08:00:00Z"},
        )
        if number < judged:
            for rater in raters:
                value = ["good", "bad"][number % 2]
                make_imported_judgment(queue, item, rater, quality=value)
    return queue


def run(queue: Queue, text: str = SPEC, **changes: Any) -> Composition:
    version = get_version(queue.rubric_version_id)
    values: dict[str, Any] = {"parent": (), "retired": {}}
    return compose(facts(queue), version, parse_spec(text), **values | changes)


def names(composition: Composition) -> set[str]:
    found = Item.objects.filter(pk__in=composition.chosen)
    return set(found.values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('queue = "a"', "size: is required and missing"),
        (SPEC.replace('why = "small"', ""), "size.why: expected a reason"),
        (SPEC.replace("0.25", "0.4"), "hard.why: expected a reason"),
        (SPEC + "[window]\nfrom = 2026-09-01\nuntil = 2026-09-05", "window.why: exp"),
        (SPEC + "[window]\nfrom = 2026-09-05\nuntil = 2026-09-01", "not before"),
        (SPEC + 'buckets = ["typical"]', "hard.buckets"),
        (SPEC + "[weights]", "weights: is not a field"),
        (SPEC + '[window]\nfrom = "May"', "window.from"),
        ("queue =", "not TOML"),
    ],
)
def test_a_spec_that_says_too_little_or_too_much_is_refused(text, fault):
    with pytest.raises(SpecFault) as refused:
        parse_spec(text)

    assert fault in str(refused.value)


def test_a_spec_can_be_read_back_from_what_is_kept_of_it():
    spec = parse_spec(SPEC + "[window]\nfrom = 2026-09-01\nuntil = 2026-09-30")

    assert read_spec(json.loads(json.dumps(describe_spec(spec)))) == spec


def test_shares_add_up_and_stay_under_their_caps():
    shares = share_out(10, {"a": 5.0, "b": 3.0, "c": 2.0}, {"a": 2, "b": 9, "c": 9})

    assert shares == {"a": 2, "b": 5, "c": 3}


def test_what_fits_nowhere_is_left():
    assert share_out(10, {"a": 1.0, "b": 0.0}, {"a": 3, "b": 3}) == {"a": 3, "b": 0}


def test_each_hard_bucket_of_the_traffic_gets_as_much():
    traffic = {
        Cell("", "typical"): 900.0,
        Cell("", "incident"): 20.0,
        Cell("", "low_confidence"): 80.0,
    }

    quotas = plan_quotas(parse_spec(SPEC.replace("20\n", "40\n")), traffic)

    assert quotas == {
        Cell("", "typical"): 30,
        Cell("", "incident"): 5,
        Cell("", "low_confidence"): 5,
    }


def test_weights_bring_the_traffic_back():
    traffic = {Cell("", "typical"): 90.0, Cell("", "incident"): 10.0}
    chances = {Cell("", "typical"): [1.0] * 5, Cell("", "incident"): [0.5] * 5}

    per_chance = weigh(chances, traffic)

    typical = 5 * per_chance[Cell("", "typical")]
    incident = 5 * per_chance[Cell("", "incident")] / 0.5
    assert typical + incident == pytest.approx(10)
    assert typical / incident == pytest.approx(9)


def test_a_set_has_the_written_share_of_hard_cases():
    composition = run(make_traffic())

    buckets = Counter(cell.bucket for cell, _ in composition.chosen.values())
    assert composition.taken == 20
    assert buckets == {"typical": 15, "incident": 3, "low_confidence": 2}
    assert {cell.stratum for cell, _ in composition.chosen.values()} == {
        "refund",
        "delivery",
    }


def test_the_weights_of_a_set_add_up_to_its_cases():
    composition = run(make_traffic())

    weights = [float(weight) for _, weight in composition.chosen.values()]
    assert sum(weights) == pytest.approx(20, abs=1e-4)


def test_a_case_that_was_less_likely_to_be_seen_weighs_more():
    queue = make_traffic()
    policy = TriagePolicy.objects.create(
        project=queue.project, number=1, source=POLICY, rules=[], created_at=NOW
    )
    rare = set()
    for item in queue.project.items.all():
        is_rare = int(item.external_id[2:]) % 4 == 3
        rare |= {item.pk} if is_rare else set()
        RoutingDecision.objects.create(
            item=item,
            policy=policy,
            rule="rest",
            action="SAMPLE",
            is_selected=True,
            queue=queue,
            inclusion_probability=0.25 if is_rare else 1.0,
            draw=0.1,
            decided_at=NOW,
        )

    chosen = run(queue).chosen

    by_cell: dict[Cell, dict[bool, set[float]]] = {}
    for item_id, (cell, weight) in chosen.items():
        own = by_cell.setdefault(cell, {True: set(), False: set()})
        own[item_id in rare].add(float(weight))
    both = [one for one in by_cell.values() if one[True] and one[False]]
    assert both
    for one in both:
        assert max(one[True]) == pytest.approx(4 * max(one[False]), abs=1e-4)


def test_the_same_seed_takes_the_same_cases_and_another_takes_others():
    queue = make_traffic()

    first, again, other = (
        run(queue),
        run(queue),
        run(queue, f"seed = 7\n{SPEC}"),
    )

    assert first.chosen == again.chosen
    assert names(first) != names(other)


def test_what_is_missing_is_counted_with_the_reviews_it_would_take():
    composition = run(make_traffic(judged=12))

    assert composition.taken < 20
    assert composition.n_reviews >= 2 * (20 - composition.taken)
    assert any("cases are missing" in gap for gap in list_gaps(composition))


def test_only_the_days_of_the_window_are_taken():
    window = "[window]\nfrom = 2026-09-01\nuntil = 2026-09-14\n"

    composition = run(make_traffic(), SPEC + window)

    days = Item.objects.filter(pk__in=composition.chosen).values_list(
        "provenance__created_at", flat=True
    )
    assert {*days} <= {f"2026-09-{day:02}T08:00:00Z" for day in range(1, 15)}
    assert composition.left_out["outside the window"] > 0


def test_a_day_that_is_none_is_that_of_the_ingest():
    queue = make_traffic(n=12, judged=12)
    make_item(queue.project, provenance={"created_at": ["x"]})
    make_item(queue.project, provenance={"created_at": "2026-99-99"})

    composition = run(queue)

    assert composition.first_day == f"{NOW:%Y-%m-%d}"
    assert composition.last_day == "2026-09-12"


def test_a_confidence_that_most_items_share_makes_none_of_them_hard():
    queue = make_traffic()

    composition = run(queue)

    low = [fill for fill in composition.fills if fill.cell.bucket == "low_confidence"]
    assert sum(fill.traffic for fill in low) == 12


def test_traffic_of_few_days_is_a_gap_unless_the_spec_says_why():
    queue = make_traffic(n=10, judged=10)

    gaps = list(list_gaps(run(queue)))
    explained = list(list_gaps(run(queue, SPEC + '[window]\nwhy = "one week"')))

    assert "the traffic spans 10 days, and 14 are wanted" in " ".join(gaps)
    assert "spans" not in " ".join(explained)


def test_a_label_against_the_votes_is_a_corrected_case():
    queue = make_traffic()
    item = queue.project.items.get(external_id="t-004")
    by = queue.project.members.get(handle="bob")
    make_adjudication(make_dispute(queue, item), by, "bad")

    composition = run(queue)

    fills = {fill.cell: fill for fill in composition.fills}
    corrected = fills[Cell("refund", "corrected")]
    assert (corrected.traffic, corrected.n_eligible) == (1, 1)
    assert composition.chosen[item.pk][0].bucket == "corrected"


def test_an_item_with_an_open_dispute_is_not_eligible():
    queue = make_traffic()
    make_dispute(queue, queue.project.items.get(external_id="t-004"))

    composition = run(queue)

    assert composition.left_out["an open dispute"] == 1


def test_a_label_with_too_little_confidence_is_not_eligible():
    queue = make_traffic()
    item = queue.project.items.get(external_id="t-004")
    cy = make_rater(queue.project, "cy")
    make_imported_judgment(queue, item, cy, quality="bad")

    composition = run(queue, SPEC + "[eligible]\nmin_confidence = 0.8\n")

    assert composition.left_out["too little confidence in quality"] == 1


def test_cases_of_the_parent_stay_as_anchors():
    queue = make_traffic()
    first = names(run(queue))
    text = f"seed = 9\n{SPEC}[refresh]\nanchors = 12\n"

    second = run(queue, text, parent=first)

    assert second.n_anchors >= 12
    assert not any("shared" in gap for gap in list_gaps(second))


def test_an_anchor_from_before_the_window_weighs_nothing():
    queue = make_traffic()
    window = "[window]\nfrom = 2026-09-10\nuntil = 2026-09-28\n"

    composition = run(queue, SPEC + window, parent={"t-001", "t-004", "t-005"})

    old = Item.objects.get(external_id="t-004").pk
    assert composition.chosen[old][1] == "0.000000"


def test_a_retired_case_is_left_out():
    queue = make_traffic()
    gone = sorted(names(run(queue)))[0]

    composition = run(queue, retired={gone: "leaked"})

    assert gone not in names(composition)
    assert composition.left_out["retired: leaked"] == 1


def apply(queue: Queue, text: str = SPEC) -> bool:
    return apply_spec(
        name="gate",
        queue=facts(queue),
        spec=parse_spec(text),
        applied_by_id=None,
        now=NOW,
    )


def freeze(queue: Queue, **changes: Any) -> Any:
    values = {"name": "gate", "override": "", "frozen_by_id": None, "now": NOW}
    return freeze_release(queue=facts(queue), **values | changes)


def test_a_release_follows_the_spec_and_says_so():
    queue = make_traffic()
    apply(queue)

    frozen = freeze(queue)

    manifest = json.loads(Release.objects.get().manifest)
    assert frozen.n_cases == 20
    assert manifest["spec"]["size"] == {"cases": 20, "why": "small"}
    assert sum(one["cases"] for one in manifest["cells"]) == 20
    assert {one["stratum"] for one in manifest["agreement"]["strata"]} == {
        "refund",
        "delivery",
    }
    assert manifest["left_out"]["eligible, not drawn"] == 40


def test_freezing_a_spec_twice_makes_one_release_also_after_a_second():
    queue = make_traffic()
    apply(queue, SPEC + "[refresh]\nanchors = 6\n")
    freeze(queue)
    apply(queue, f"seed = 5\n{SPEC}[refresh]\nanchors = 6\n")

    second = freeze(queue)

    assert second.version == "2.0.0"
    assert freeze(queue).is_new is False


def test_a_spec_that_is_not_filled_refuses_and_names_the_cells():
    queue = make_traffic(judged=30)
    apply(queue, SPEC.replace("20\n", "50\n"))

    with pytest.raises(Exception, match=r"cases are missing \(") as refused:
        freeze(queue)

    assert "typical" in str(refused.value)
    assert not Release.objects.exists()


def test_new_traffic_changes_weights_and_makes_a_minor_version():
    queue = make_traffic()
    apply(queue, SPEC + "[strata]\nby = 'none'\n")
    freeze(queue)
    make_item(
        queue.project,
        signals={"intent": "refund", "confidence": 0.9},
        provenance={"created_at": "2026-09-03"},
    )

    assert freeze(queue).version == "1.1.0"


def test_the_same_spec_again_changes_nothing():
    queue = make_traffic(n=4)

    assert (apply(queue), apply(queue)) == (True, False)


def test_a_spec_for_a_rubric_version_that_is_not_there_is_refused():
    queue = make_traffic(n=4)

    with pytest.raises(SpecFault, match="has no version 9"):
        apply(queue, SPEC + "[eligible]\nrubric_version = 9\n")


@pytest.mark.parametrize("table", ["setspec", "caseterms", "retirement"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_said_of_a_set_is_not_rewritten(table, verb):
    queue = make_traffic(n=4)
    apply(queue)
    golden_set = queue.project.golden_sets.get()
    item = queue.project.items.order_by("pk")[0]
    golden_set.caseterms_set.create(item=item, reference="x", set_at=NOW)
    golden_set.retirement_set.create(
        item=item, because="LEAKED", note="n", retired_at=NOW
    )

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(f"calibration_{table}"))


def test_the_command_previews_and_applies(tmp_path, capsys):
    make_traffic()
    (tmp_path / "spec.toml").write_text(SPEC)

    call_command("compose", "preview", "gate", str(tmp_path / "spec.toml"), "--json")
    preview = json.loads(capsys.readouterr().out)
    call_command("compose", "apply", "gate", str(tmp_path / "spec.toml"), "--json")
    applied = json.loads(capsys.readouterr().out)

    assert (preview["taken"], preview["changed"]) == (20, False)
    assert applied["changed"] is True
    assert preview["cells"] == applied["cells"]


def test_the_command_names_what_is_wrong_in_the_file(tmp_path):
    (tmp_path / "spec.toml").write_text(SPEC + "[eligible]\nmin_confidence = 2\n")

    with pytest.raises(CommandError, match=r"eligible\.min_confidence") as refused:
        call_command("compose", "apply", "gate", str(tmp_path / "spec.toml"))

    assert refused.value.returncode == 1


def test_no_time_of_freezing_is_in_a_release():
    queue = make_traffic()
    apply(queue)
    late = NOW + timedelta(days=400)
    freeze(queue, now=late)

    text = "".join(ReleaseLine.objects.values_list("text", flat=True))

    # With the month: the digits of a year stand in a digest now and then.
    assert f"{late:%Y-%m}" not in text + Release.objects.get().manifest


@pytest.mark.parametrize(
    ("rule", "is_selected", "is_counted"),
    [
        ("rest", True, True),
        ("rest", False, True),
        ("no rule matched", False, True),
        ("elsewhere", True, False),
        ("elsewhere", False, False),
    ],
)
def test_only_traffic_that_is_routed_to_the_queue_is_counted(
    rule, is_selected, is_counted
):
    queue = make_traffic()
    others = make_queue(queue.project, queue.rubric_version, slug="others")
    policy = TriagePolicy.objects.create(
        project=queue.project, number=1, source=POLICY, rules=[], created_at=NOW
    )
    RoutingDecision.objects.create(
        item=make_item(queue.project, signals={"intent": "refund"}),
        policy=policy,
        rule=rule,
        action="SAMPLE",
        is_selected=is_selected,
        queue=(others if rule == "elsewhere" else queue) if is_selected else None,
        inclusion_probability=0.25,
        draw=0.1,
        decided_at=NOW,
    )

    assert sum(one.traffic for one in run(queue).fills) == 60 + is_counted


def test_items_without_an_intent_are_named_so():
    queue = make_traffic()
    for item in queue.project.items.all()[:6]:
        Item.objects.filter(pk=item.pk).update(signals={})

    cells = {str(one.cell) for one in run(queue).fills}

    assert "no intent, typical" in cells
