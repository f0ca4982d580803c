"""Policies: what they refuse, and what they decide."""

import pytest

from reviews.triage import NO_RULE, PolicyFault, decide, judges_disagree, parse_policy

POLICY = """
audit_rate = 0.05
audit_queue = "main"

[[rule]]
name = "incident"
when = {flags_any = ["incident"]}
action = "queue"
queue = "main"

[[rule]]
name = "unsure"
when = {confidence_below = 0.6, kind = ["single"]}
action = "queue"
queue = "main"

[[rule]]
name = "refunds"
when = {intent = ["refund"]}
action = "sample"
rate = 0.2
queue = "refunds"

[[rule]]
name = "small talk"
when = {intent = ["greeting"], stakes = ["low"]}
action = "ship"
audit_rate = 0.01
"""

HEAD = 'audit_rate = 0.05\naudit_queue = "main"\n[[rule]]\nname = "r"\n'


@pytest.mark.parametrize(
    ("kind", "signals", "rule", "action", "probability", "queue"),
    [
        ("pair", {"flags": ["incident"]}, "incident", "queue", 1.0, "main"),
        ("single", {"confidence": 0.59}, "unsure", "queue", 1.0, "main"),
        ("pair", {"confidence": 0.59}, NO_RULE, "ship", 0.05, "main"),
        ("single", {"confidence": 0.6}, NO_RULE, "ship", 0.05, "main"),
        ("single", {}, NO_RULE, "ship", 0.05, "main"),
        ("trace", {"intent": "refund"}, "refunds", "sample", 0.2, "refunds"),
        (
            "single",
            {"intent": "greeting", "stakes": "low"},
            "small talk",
            "ship",
            0.01,
            "main",
        ),
        (
            "single",
            {"intent": "refund", "flags": ["incident"]},
            "incident",
            "queue",
            1.0,
            "main",
        ),
    ],
)
def test_first_matching_rule_decides(kind, signals, rule, action, probability, queue):
    outcome = decide(parse_policy(POLICY), kind, signals)

    assert (outcome.rule, outcome.action) == (rule, action)
    assert (outcome.probability, outcome.queue) == (probability, queue)


@pytest.mark.parametrize(
    ("condition", "signals", "matches"),
    [
        ("confidence_at_least = 0.9", {"confidence": 0.9}, True),
        ("confidence_at_least = 0.9", {}, False),
        ("confidence_missing = true", {}, True),
        ("confidence_missing = true", {"confidence": 0.1}, False),
        ("confidence_missing = false", {"confidence": 0.1}, True),
        ("judges_disagree = true", {"judges": []}, False),
        (
            "judges_disagree = true",
            {"judges": [{"verdict": "pass"}, {"verdict": "fail"}]},
            True,
        ),
        ('stakes = ["high", "critical"]', {"stakes": "critical"}, True),
        ('stakes = ["high", "critical"]', {}, False),
        ("", {}, True),
    ],
)
def test_condition_matches_what_it_says(condition, signals, matches):
    policy = parse_policy(
        HEAD + f'when = {{{condition}}}\naction = "queue"\nqueue = "main"'
    )

    outcome = decide(policy, "single", signals)

    assert (outcome.rule == "r") is matches


def test_one_judge_never_disagrees():
    assert not judges_disagree({"judges": [{"verdict": "fail"}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("audit_rate = ", "not TOML"),
        ('audit_queue = "main"', "audit_rate is missing"),
        ('audit_rate = 0\naudit_queue = "q"', "could never be seen"),
        ('audit_rate = 2\naudit_queue = "q"', "audit_rate: 2 is not from 0 to 1"),
        ('audit_rate = true\naudit_queue = "q"', "expected a number from 0 to 1"),
        ("audit_rate = 0.1", "audit_queue: expected the name of a queue"),
        ('audit_rate = 0.1\naudit_queue = {pear = "q"}', "unknown key 'pear'"),
        ('audit_rate = 0.1\naudit_queue = "q"\nbudget = 3', "unknown key 'budget'"),
        (HEAD + 'action = "drop"', "rule 'r': action: expected one of queue, ship"),
        (HEAD + 'action = "queue"', "rule 'r': queue is missing"),
        (HEAD + 'action = "sample"\nqueue = "main"', "rule 'r': rate is missing"),
        (
            HEAD + 'action = "sample"\nqueue = "main"\nrate = 0.0',
            "rule 'r': rate is 0: such items could never be seen",
        ),
        (
            HEAD + 'action = "ship"\naudit_rate = 0',
            "rule 'r': audit_rate is 0: such items could never be seen",
        ),
        (
            HEAD + 'action = "queue"\nqueue = "main"\nrate = 0.5',
            "rule 'r': rate does not go with action 'queue'",
        ),
        (
            HEAD + 'action = "ship"\nwhen = {confidence = 0.5}',
            "rule 'r': when: unknown key 'confidence'",
        ),
        (
            HEAD + 'action = "ship"\nwhen = {stakes = ["huge"]}',
            "rule 'r': when.stakes: 'huge' is not one of low, medium, high, critical",
        ),
        (
            HEAD + 'action = "ship"\nwhen = {intent = "refund"}',
            "rule 'r': when.intent: expected a list of words",
        ),
        (
            HEAD + 'action = "ship"\nwhen = {judges_disagree = 1}',
            "rule 'r': when.judges_disagree: expected true or false",
        ),
        (
            HEAD + 'action = "ship"\n[[rule]]\nname = "r"\naction = "ship"',
            "rule 'r' is there twice",
        ),
        (
            'audit_rate = 0.1\naudit_queue = "q"\n[[rule]]\naction = "ship"',
            "a [[rule]] has no name",
        ),
    ],
)
def test_policy_that_cannot_hold_is_refused(text, message):
    with pytest.raises(PolicyFault) as fault:
        parse_policy(text)

    assert message in str(fault.value)
