"""The judges file: how a queue reads its judges, and what a failure is, in TOML."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KEYS = {"project", "queue", "bars", "epsilon", "failure", "judge"}
JUDGE_KEYS = {"name", "criterion", "verdicts", "fails", "swapped", "family"}
FAILURE_KEYS = {"criterion", "values"}
BAR_KEYS = {"gate", "triage"}


class JudgesFault(Exception):
    """The file cannot be read so; the message names the key."""


@dataclass(frozen=True)
class Failure:
    """An item fails if its label on the criterion is one of the values."""

    criterion: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Judge:
    """What each verdict word of a judge means on one criterion."""

    name: str
    criterion: str
    # Word: the options of the criterion that it stands for.
    verdicts: Mapping[str, tuple[str, ...]]
    # The words that say failure; none: the judge has no rate.
    fails: tuple[str, ...]
    # The name under which its verdicts come in where it saw the responses of a pair
    # in the other order; empty: it never did.
    swapped: str = ""
    # Models that are its kin, by their names in the provenance.
    family: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What the file says."""

    gate: float
    triage: float
    # What a person costs more than a judge, in the alternative annotator test.
    epsilon: float
    failure: Failure | None
    judges: tuple[Judge, ...]


def parse_judges(text: str) -> Terms:
    """Read a judges file. Raises JudgesFault where it is not one."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise JudgesFault(f"not TOML: {error}") from None
    return read_terms(document)


def read_terms(document: Mapping[str, Any]) -> Terms:
    _check_keys("", document, KEYS)
    bars = _table("bars", document.get("bars", {}))
    _check_keys("bars.", bars, BAR_KEYS)
    gate = _share("bars.gate", bars.get("gate", 0.75))
    triage = _share("bars.triage", bars.get("triage", 0.6))
    if triage > gate:
        raise JudgesFault("bars.triage: expected at most bars.gate")
    judges = document.get("judge", [])
    if not isinstance(judges, list):
        raise JudgesFault("judge: expected [[judge]] tables")
    return Terms(
        gate=gate,
        triage=triage,
        epsilon=_share("epsilon", document.get("epsilon", 0.2)),
        failure=_failure(document.get("failure")),
        judges=tuple(_judge(n, one) for n, one in enumerate(judges, start=1)),
    )


def describe_terms(terms: Terms) -> dict[str, Any]:
    """The document that `read_terms` reads back."""
    document: dict[str, Any] = {
        "bars": {"gate": terms.gate, "triage": terms.triage},
        "epsilon": terms.epsilon,
        "judge": [asdict(judge) for judge in terms.judges],
    }
    if terms.failure is not None:
        document["failure"] = asdict(terms.failure)
    # As JSON keeps it, so that what was stored can be compared with it.
    as_kept: dict[str, Any] = json.loads(json.dumps(document))
    return as_kept


def _failure(value: Any) -> Failure | None:
    if value is None:
        return None
    table = _table("failure", value)
    _check_keys("failure.", table, FAILURE_KEYS)
    return Failure(
        criterion=_word("failure.criterion", table.get("criterion")),
        values=_words("failure.values", table.get("values")),
    )


def _judge(number: int, value: Any) -> Judge:
    where = f"judge {number}: "
    table = _table(f"judge {number}", value)
    _check_keys(where, table, JUDGE_KEYS)
    verdicts = _table(f"{where}verdicts", table.get("verdicts"))
    if len(verdicts) < 2:
        raise JudgesFault(f"{where}verdicts: expected at least two words")
    fails, family = table.get("fails", []), table.get("family", [])
    name = _word(f"{where}name", table.get("name"))
    judge = Judge(
        name=name,
        criterion=_word(f"{where}criterion", table.get("criterion")),
        verdicts={
            word: _words(f"{where}verdicts.{word}", options)
            for word, options in verdicts.items()
        },
        fails=_words(f"{where}fails", fails) if fails else (),
        swapped=_swapped(where, name, table.get("swapped", "")),
        family=_words(f"{where}family", family) if family else (),
    )
    for word in judge.fails:
        if word not in judge.verdicts:
            raise JudgesFault(f"{where}fails: {word!r} is none of the verdicts")
    return judge


def _swapped(where: str, name: str, value: Any) -> str:
    if value == "":
        return ""
    if _word(f"{where}swapped", value) == name:
        raise JudgesFault(f"{where}swapped: expected another name than {name!r}")
    return str(value)


def _check_keys(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            expected = ", ".join(sorted(known))
            raise JudgesFault(f"{where}{key}: unknown key; expected one of {expected}")


def _table(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise JudgesFault(f"{where}: expected a table")
    return value


def _word(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise JudgesFault(f"{where}: expected text")
    return value


def _words(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise JudgesFault(f"{where}: expected a list of words")
    return tuple(_word(where, one) for one in value)


def _share(where: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise JudgesFault(f"{where}: expected a number from 0 to 1")
    return float(value)
