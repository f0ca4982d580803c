"""When ratings of one item on one criterion are spread beyond the rule.

- nominal, pairwise: no value has more than half of the votes;
- ordinal: the same, or two votes lie two or more steps apart on a scale of three
  or more;
- interval: the votes span more than a third of the scale;
- multi-label: some label was chosen by exactly half of the raters;
- text: never.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

FAR_STEPS = 2
WIDE_SHARE = 1 / 3


@dataclass(frozen=True)
class Scale:
    """A level of measurement with its ordered values or its width."""

    level: str
    values: tuple[str, ...] = ()
    width: float = 0.0


def is_disputed(scale: Scale, votes: Sequence[Any]) -> bool:
    if len(votes) < 2:
        return False
    match scale.level:
        case "TEXT":
            return False
        case "INTERVAL":
            return bool(max(votes) - min(votes) > scale.width * WIDE_SHARE)
        case "MULTI_LABEL":
            chosen = Counter(label for vote in votes for label in vote)
            return any(2 * count == len(votes) for count in chosen.values())
        case "ORDINAL":
            return not has_majority(votes) or _is_far(scale.values, votes)
        case _:
            return not has_majority(votes)


def has_majority(votes: Sequence[Any]) -> bool:
    return 2 * max(Counter(votes).values()) > len(votes)


def _is_far(values: tuple[str, ...], votes: Sequence[str]) -> bool:
    steps = [values.index(vote) for vote in votes]
    return len(values) > FAR_STEPS and max(steps) - min(steps) >= FAR_STEPS


def share_agreeing(votes: Sequence[Any]) -> float:
    """The share of pairs of votes that are equal; sets of labels as sets."""
    keys = [frozenset(vote) if isinstance(vote, list) else vote for vote in votes]
    equal = [one == other for one, other in combinations(keys, 2)]
    # One vote alone contradicts nobody.
    return equal.count(True) / len(equal) if equal else 1.0
