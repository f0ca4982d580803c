"""Triage: ordered rules that decide which items a person must look at.

A policy is a document (see docs/triage.md). Each rule has conditions on an
item's kind and signals and an action; the first rule that matches decides. Every
outcome carries the probability with which the item is looked at, which is never
zero: what could never be seen could never be estimated.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("single", "pair", "trace")
STAKES = ("low", "medium", "high", "critical")
ACTIONS = ("queue", "ship", "sample")
NO_RULE = "no rule matched"

LISTS = ("kind", "stakes", "intent", "flags_any")
NUMBERS = ("confidence_below", "confidence_at_least")
SWITCHES = ("confidence_missing", "judges_disagree")


def stakes_of(tier: int) -> str:
    """In the word of an item's signals: tier 0 is dealt first."""
    return STAKES[-1 - tier]


class PolicyFault(Exception):
    """The policy cannot be applied; the message names the rule and the key."""


@dataclass(frozen=True)
class Rule:
    name: str
    when: Mapping[str, Any]
    action: str
    # Of being looked at: 1 for queue, the rate for sample, the audit for ship.
    probability: float
    # None: the audit queue of the item's kind.
    queue: str | None

    def matches(self, kind: str, signals: Mapping[str, Any]) -> bool:
        return all(
            _holds(condition, wanted, kind, signals)
            for condition, wanted in self.when.items()
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that the rule can match."""
        return tuple(self.when.get("kind", KINDS))


@dataclass(frozen=True)
class Policy:
    rules: tuple[Rule, ...]
    audit_rate: float
    audit_queues: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a policy does with an item, before the draw."""

    rule: str
    action: str
    probability: float
    # Where it waits if it is looked at; None if no queue is named for its kind.
    queue: str | None


def decide(policy: Policy, kind: str, signals: Mapping[str, Any]) -> Outcome:
    """The outcome of the first rule that matches."""
    audit_queue = policy.audit_queues.get(kind)
    for rule in policy.rules:
        if rule.matches(kind, signals):
            return Outcome(
                rule.name, rule.action, rule.probability, rule.queue or audit_queue
            )
    return Outcome(NO_RULE, "ship", policy.audit_rate, audit_queue)


def judges_disagree(signals: Mapping[str, Any]) -> bool:
    return len({judge["verdict"] for judge in signals.get("judges", [])}) > 1


def _holds(condition: str, wanted: Any, kind: str, signals: Mapping[str, Any]) -> bool:
    confidence = signals.get("confidence")
    match condition:
        case "kind":
            return kind in wanted
        case "stakes" | "intent":
            return signals.get(condition) in wanted
        case "flags_any":
            return not set(wanted).isdisjoint(signals.get("flags", []))
        case "confidence_below":
            return confidence is not None and confidence < wanted
        case "confidence_at_least":
            return confidence is not None and confidence >= wanted
        case "confidence_missing":
            return (confidence is None) is bool(wanted)
        case "judges_disagree":
            return judges_disagree(signals) is bool(wanted)
        case _:
            raise PolicyFault(f"unknown condition {condition!r}")


def parse_policy(text: str) -> Policy:
    """Read a policy document.

    Raises PolicyFault where it is not one, or where some item could never be
    seen.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyFault(f"not TOML: {error}") from None
    _refuse_unknown(document, ("audit_rate", "audit_queue", "rule"), "the policy")
    if "audit_rate" not in document:
        raise PolicyFault(
            "audit_rate is missing: expected the share of what ships that is looked"
            " at all the same, for instance 0.05"
        )
    audit_rate = _probability(document["audit_rate"], "audit_rate")
    rules = document.get("rule", [])
    if not isinstance(rules, list):
        raise PolicyFault("rule: expected [[rule]] tables")
    parsed = tuple(_parse_rule(rule, audit_rate) for rule in rules)
    _refuse_repeated(parsed)
    return Policy(parsed, audit_rate, _audit_queues(document.get("audit_queue")))


def _parse_rule(rule: Any, audit_rate: float) -> Rule:
    name = rule.get("name") if isinstance(rule, dict) else None
    if not isinstance(name, str) or not name or len(name) > 200:
        raise PolicyFault("a [[rule]] has no name: expected text of 1 to 200 letters")
    where = f"rule {name!r}"
    if name == NO_RULE:
        raise PolicyFault(f"{where}: this name is kept for items that match no rule")
    known = ("name", "when", "action", "queue", "rate", "audit_rate")
    _refuse_unknown(rule, known, where)
    action = rule.get("action")
    if action not in ACTIONS:
        raise PolicyFault(f"{where}: action: expected one of {', '.join(ACTIONS)}")
    queue = rule.get("queue")
    if queue is not None and not isinstance(queue, str):
        raise PolicyFault(f"{where}: queue: expected the name of a queue")
    if queue is None and action != "ship":
        raise PolicyFault(f"{where}: queue is missing: {action} needs one")
    return Rule(
        name=name,
        when=_parse_conditions(rule.get("when", {}), where),
        action=action,
        probability=_rule_probability(rule, action, audit_rate, where),
        queue=queue,
    )


def _rule_probability(
    rule: dict[str, Any], action: str, audit_rate: float, where: str
) -> float:
    rate_key = {"sample": "rate", "ship": "audit_rate"}.get(action)
    for key in ("rate", "audit_rate"):
        if key in rule and key != rate_key:
            raise PolicyFault(f"{where}: {key} does not go with action {action!r}")
    if action == "queue":
        return 1.0
    if action == "sample":
        if "rate" not in rule:
            raise PolicyFault(f"{where}: rate is missing: sample needs one")
        return _probability(rule["rate"], f"{where}: rate")
    return _probability(rule.get("audit_rate", audit_rate), f"{where}: audit_rate")


def _parse_conditions(when: Any, where: str) -> dict[str, Any]:
    if not isinstance(when, dict):
        raise PolicyFault(f"{where}: when: expected a table of conditions")
    _refuse_unknown(when, LISTS + NUMBERS + SWITCHES, f"{where}: when")
    for key, wanted in when.items():
        if key in LISTS:
            _check_list(key, wanted, where)
        elif key in NUMBERS:
            _check_number(wanted, f"{where}: when.{key}")
        elif not isinstance(wanted, bool):
            raise PolicyFault(f"{where}: when.{key}: expected true or false")
    return dict(when)


def _check_list(key: str, wanted: Any, where: str) -> None:
    words = isinstance(wanted, list) and all(isinstance(word, str) for word in wanted)
    if not words or not wanted:
        raise PolicyFault(f"{where}: when.{key}: expected a list of words")
    closed = {"kind": KINDS, "stakes": STAKES}.get(key)
    if closed:
        for word in wanted:
            if word not in closed:
                raise PolicyFault(
                    f"{where}: when.{key}: {word!r} is not one of {', '.join(closed)}"
                )


def _check_number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PolicyFault(f"{where}: expected a number from 0 to 1")
    if not 0 <= value <= 1:
        raise PolicyFault(f"{where}: {value} is not from 0 to 1")
    return float(value)


def _probability(value: Any, where: str) -> float:
    number = _check_number(value, where)
    if number == 0:
        raise PolicyFault(
            f"{where} is 0: such items could never be seen, and what ships wrong"
            " could never be estimated; expected more than 0, for instance 0.01"
        )
    return number


def _audit_queues(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return dict.fromkeys(KINDS, value)
    if isinstance(value, dict):
        _refuse_unknown(value, KINDS, "audit_queue")
        if all(isinstance(queue, str) for queue in value.values()):
            return dict(value)
    raise PolicyFault(
        "audit_queue: expected the name of a queue, or a table of one for each kind"
    )


def _refuse_unknown(
    table: Mapping[str, Any], known: tuple[str, ...], where: str
) -> None:
    for key in table:
        if key not in known:
            raise PolicyFault(
                f"{where}: unknown key {key!r}: expected one of {', '.join(known)}"
            )


def _refuse_repeated(rules: tuple[Rule, ...]) -> None:
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise PolicyFault(f"rule {name!r} is there twice: names tell rules apart")
