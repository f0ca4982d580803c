"""What else moves a judge: the order of the responses, their length, kinship.

Each is held against what people said of the same items, so that a judge that prefers
what people prefer is not called biased.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.figures import describe
from calibration.formats.judges import Judge
from calibration.queries.verdicts import Written
from calibration.statistics import length_bias, self_preference, swap_record

Json = dict[str, Any]

# Items before a bias is read from them: the limits are those of a large sample.
LEAST_ITEMS = 20
TIE = "tie"


@dataclass(frozen=True)
class Preference:
    """Whether judge and people favour one response, and what might sway the judge.

    Of a pair: over the other response. Of a single one: whether it passes.
    """

    judge: bool
    people: bool
    # In words; of a pair, more than the other response.
    length: int
    # None where both responses of a pair are of the judge's family.
    is_kin: bool | None


def measure_biases(
    judge: Judge,
    *,
    is_pairwise: bool,
    said: Mapping[str, str],
    swapped: Mapping[str, str],
    people: Mapping[str, str],
    written: Iterable[tuple[str, list[Written]]],
) -> Json:
    """`said`, `swapped` and `people` have a word of the judge for each item."""
    if is_pairwise:
        found = list(_of_pairs(judge, said, people, written))
        swap = _swap(judge, said, swapped)
    else:
        found = list(_of_singles(judge, said, people, written))
        swap = _no_swap("it judges one response at a time")
    if not is_pairwise and not judge.fails:
        none = _undefined("the judges file does not say which verdicts are a failure")
        return {"length": none, "kin": none, "swap": swap}
    return {"length": _length(found), "kin": _kin(judge, found), "swap": swap}


def _of_singles(
    judge: Judge,
    said: Mapping[str, str],
    people: Mapping[str, str],
    written: Iterable[tuple[str, list[Written]]],
) -> Iterator[Preference]:
    for item, responses in written:
        if item in said and item in people and responses:
            yield Preference(
                judge=said[item] not in judge.fails,
                people=people[item] not in judge.fails,
                length=responses[-1].n_words,
                is_kin=responses[-1].model in judge.family,
            )


def _of_pairs(
    judge: Judge,
    said: Mapping[str, str],
    people: Mapping[str, str],
    written: Iterable[tuple[str, list[Written]]],
) -> Iterator[Preference]:
    """Of decisive verdicts; seen from the kin where just one response is kin."""
    sides = {word: options[0].casefold() for word, options in judge.verdicts.items()}
    for item, responses in written:
        both = [sides.get(one.get(item, ""), TIE) for one in (said, people)]
        if TIE in both or len(responses) != 2:
            continue
        kin = [one.model in judge.family for one in responses]
        place = 1 if kin == [False, True] else 0
        own, other = responses[place], responses[1 - place]
        side = "ab"[place]
        yield Preference(
            judge=both[0] == side,
            people=both[1] == side,
            length=own.n_words - other.n_words,
            is_kin=None if all(kin) else kin[place],
        )


def _length(found: list[Preference]) -> Json:
    if len(found) < LEAST_ITEMS:
        return _too_few(found)
    return describe(
        length_bias(
            [one.judge for one in found],
            [one.people for one in found],
            [one.length for one in found],
        )
    )


def _kin(judge: Judge, preferences: list[Preference]) -> Json:
    found = [one for one in preferences if one.is_kin is not None]
    if not judge.family:
        return _undefined("the judges file names no models of its family")
    if len(found) < LEAST_ITEMS:
        return _too_few(found)
    return describe(
        self_preference(
            [one.judge for one in found],
            [one.people for one in found],
            [bool(one.is_kin) for one in found],
        )
    )


def _swap(judge: Judge, said: Mapping[str, str], swapped: Mapping[str, str]) -> Json:
    both = sorted(said.keys() & swapped.keys())
    if not judge.swapped:
        return _no_swap("the judges file names no verdicts in the other order")
    if not both:
        return _no_swap("no pair has verdicts in both orders")
    sides = {word: options[0].casefold() for word, options in judge.verdicts.items()}
    found = swap_record(
        [sides[said[item]] for item in both], [sides[swapped[item]] for item in both]
    )
    return {
        "consistency": describe(found.consistency),
        "first_shown": describe(found.first_shown),
        "p": found.p_value,
    }


def _no_swap(reason: str) -> Json:
    none = _undefined(reason)
    return {"consistency": none, "first_shown": none, "p": None}


def _too_few(found: list[Preference]) -> Json:
    return _undefined(
        f"{len(found)} items with a verdict and a label, {LEAST_ITEMS} needed",
        n_items=len(found),
    )


def _undefined(reason: str, n_items: int = 0) -> Json:
    none = dict.fromkeys(("value", "low", "high"))
    return none | {"n_items": n_items, "method": "", "reason": reason}
