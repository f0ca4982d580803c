"""Publishing policies, routing by them, and the slots that follow."""

import json
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from reviews.management.base import InputFaults, Refused
from reviews.models import (
    Action,
    RoutingDecision,
    Slot,
    SlotState,
    TriagePolicy,
)
from reviews.sampling import draw
from reviews.services.policies import apply_policy
from reviews.services.routing import preview_routing, route_items
from reviews.triage import PolicyFault, parse_policy
from tests.factories import (
    NOW,
    make_item,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

POLICY = """
audit_rate = 0.25
audit_queue = "answers"

[[rule]]
name = "high stakes"
when = {stakes = ["high", "critical"]}
action = "queue"
queue = "answers"

[[rule]]
name = "half of refunds"
when = {intent = ["refund"]}
action = "sample"
rate = 0.5
queue = "answers"
"""


def make_routed_project(cast: Any, **changes: Any) -> Any:
    queue = make_queue(cast.project, make_rubric(cast.project), **changes)
    apply_policy(project_id=cast.project.pk, source=POLICY, now=NOW)
    return queue


def route(cast: Any) -> Any:
    return route_items(project_id=cast.project.pk, now=NOW, rng=Random(1))


def test_forced_item_is_selected_with_certainty(cast):
    queue = make_routed_project(cast)
    item = make_item(cast.project, signals={"stakes": "high"})

    route(cast)

    decision = RoutingDecision.objects.get(item=item)
    assert (decision.rule, decision.action) == ("high stakes", Action.QUEUE)
    assert (decision.is_selected, decision.queue) == (True, queue)
    assert decision.inclusion_probability == 1.0
    assert decision.policy.number == 1


def test_selection_is_the_draw_under_the_probability(cast):
    make_routed_project(cast)
    for _ in range(200):
        make_item(cast.project, signals={"intent": "refund"})

    route(cast)

    for decision in RoutingDecision.objects.select_related("item"):
        number = draw(cast.project.triage_key, decision.item.external_id)
        assert decision.draw == number
        assert decision.is_selected == (number < 0.5)
        assert decision.inclusion_probability == 0.5


def test_shipped_items_are_audited_at_the_default_rate(cast):
    make_routed_project(cast)
    for _ in range(300):
        make_item(cast.project)

    routed = route(cast)

    (rule,) = routed.rules
    assert (rule.action, rule.probability, rule.items) == ("ship", 0.25, 300)
    assert 40 < rule.selected < 115


def test_selected_item_gets_a_slot_for_each_judgment_wanted(cast):
    queue = make_routed_project(cast, overlap=3)
    item = make_item(cast.project, signals={"stakes": "critical"})

    route(cast)

    slots = Slot.objects.filter(queue=queue, item=item).order_by("number")
    assert [slot.number for slot in slots] == [1, 2, 3]
    assert {slot.tier for slot in slots} == {0}
    assert len({slot.shuffle for slot in slots}) == 3


def test_item_is_decided_on_once(cast):
    make_routed_project(cast)
    make_item(cast.project, signals={"stakes": "high"})
    route(cast)

    again = route(cast)

    assert again.items == 0
    assert Slot.objects.count() == 2


def test_later_policy_leaves_earlier_decisions_alone(cast):
    make_routed_project(cast)
    item = make_item(cast.project)
    route(cast)

    apply_policy(
        project_id=cast.project.pk, source=POLICY.replace("0.25", "1.0"), now=NOW
    )
    route(cast)

    decision = RoutingDecision.objects.get(item=item)
    assert (decision.policy.number, decision.inclusion_probability) == (1, 0.25)


def test_item_whose_kind_no_queue_takes_stays_unrouted(cast):
    make_routed_project(cast, kinds=["SINGLE"])
    make_item(cast.project, kind="TRACE", signals={"stakes": "high"})

    preview = preview_routing(project_id=cast.project.pk, policy=parse_policy(POLICY))
    routed = route(cast)

    assert (preview.items, preview.unroutable) == (0, 1)
    assert (routed.items, routed.unroutable) == (0, 1)
    assert not RoutingDecision.objects.exists()


def test_nothing_is_routed_without_a_policy(cast):
    make_item(cast.project)

    assert route(cast).policy is None


def test_slots_of_items_judged_elsewhere_are_filled(cast):
    queue = make_routed_project(cast, overlap=3)
    raters = [make_rater(cast.project, name) for name in ("r1", "r2")]
    item = make_rated_item(queue, {rater: {"quality": "good"} for rater in raters})
    type(item).objects.filter(pk=item.pk).update(signals={"stakes": "high"})

    route(cast)

    states = Slot.objects.filter(item=item).order_by("number")
    assert [slot.state for slot in states] == [
        SlotState.FILLED,
        SlotState.FILLED,
        SlotState.OPEN,
    ]


def test_preview_counts_as_routing_would_and_changes_nothing(cast):
    make_routed_project(cast)
    for number in range(60):
        make_item(cast.project, signals={"intent": "refund"} if number % 2 else {})
    policy = parse_policy(POLICY)

    preview = preview_routing(project_id=cast.project.pk, policy=policy)

    assert not RoutingDecision.objects.exists()
    assert route(cast).rules == preview.rules


def test_same_policy_again_is_a_no_op(cast):
    make_routed_project(cast)

    applied = apply_policy(project_id=cast.project.pk, source=POLICY, now=NOW)

    assert (applied.number, applied.created) == (1, False)
    assert TriagePolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('queue = "answers"', 'queue = "nowhere"'), "there is no queue 'nowhere'"),
        (('audit_queue = "answers"', "audit_queue = {pair = 'answers'}"), "no queue"),
    ],
)
def test_policy_that_names_no_such_queue_is_refused(cast, change, message):
    make_queue(cast.project, make_rubric(cast.project))

    with pytest.raises(PolicyFault, match=message):
        apply_policy(
            project_id=cast.project.pk, source=POLICY.replace(*change), now=NOW
        )


def test_policy_that_sends_a_kind_where_it_is_not_taken_is_refused(cast):
    version = make_rubric(cast.project)
    make_queue(cast.project, version, kinds=["SINGLE"])
    make_queue(cast.project, version, slug="pairs", kinds=["PAIR"])

    with pytest.raises(PolicyFault, match="takes single and would get pair items"):
        apply_policy(project_id=cast.project.pk, source=POLICY, now=NOW)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_decision_is_append_only(cast, change):
    make_routed_project(cast)
    make_item(cast.project)
    route(cast)
    decisions = RoutingDecision.objects.all()

    with pytest.raises(IntegrityError, match="append-only"):
        decisions.update(rule="x") if change == "update" else decisions.delete()


@pytest.mark.parametrize("probability", [0, -0.1, 1.1])
def test_decision_has_a_probability_of_being_seen(cast, probability):
    make_routed_project(cast)

    with pytest.raises(IntegrityError, match="routingdecision_could_be_seen"):
        RoutingDecision.objects.create(
            item=make_item(cast.project),
            policy=TriagePolicy.objects.get(),
            rule="r",
            action=Action.SHIP,
            is_selected=False,
            inclusion_probability=probability,
            draw=0.5,
            decided_at=NOW,
        )


def test_command_applies_and_reports(cast, tmp_path, capsys):
    make_queue(cast.project, make_rubric(cast.project))
    make_item(cast.project, signals={"stakes": "high"})
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)

    call_command("policy", "apply", str(file), "--project", "shop", "--json")

    result = json.loads(capsys.readouterr().out)
    assert (result["policy"], result["created"]) == (1, True)
    assert result["rules"] == [
        {
            "rule": "high stakes",
            "action": "queue",
            "probability": 1.0,
            "queue": "answers",
            "items": 1,
            "selected": 1,
        }
    ]


def test_command_previews_without_a_version(cast, tmp_path, capsys):
    make_queue(cast.project, make_rubric(cast.project))
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)

    call_command("policy", "preview", str(file), "--project", "shop", "--json")

    assert "policy" not in json.loads(capsys.readouterr().out)
    assert not TriagePolicy.objects.exists()


def test_command_names_the_file_and_the_rule_that_is_wrong(cast, tmp_path):
    make_queue(cast.project, make_rubric(cast.project))
    file = tmp_path / "policy.toml"
    file.write_text(POLICY.replace("rate = 0.5", "rate = 0"))

    with pytest.raises(InputFaults) as fault:
        call_command("policy", "apply", str(file), "--project", "shop")

    assert "policy.toml: rule 'half of refunds': rate is 0" in str(fault.value)


@pytest.mark.parametrize("project", ["shop", "nowhere"])
def test_command_refuses_what_is_not_there(cast, tmp_path, project):
    file = tmp_path / "policy.toml"
    if project == "nowhere":
        file.write_text(POLICY)

    with pytest.raises(Refused):
        call_command("policy", "apply", str(file), "--project", project)
