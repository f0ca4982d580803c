"""How many cases each cell of a spec should hold."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from calibration.formats.cases import TYPICAL, Cell
from calibration.formats.specs import Spec

Key = TypeVar("Key")


def share_out(
    n: int, weights: Mapping[Key, float], caps: Mapping[Key, float]
) -> dict[Key, int]:
    """`n` in proportion to `weights`, none over its cap (largest remainders).

    What does not fit under one cap goes to the others; what fits nowhere is left.
    """
    shares: dict[Key, int] = dict.fromkeys(weights, 0)
    open_ = [key for key in weights if weights[key] > 0 and _room(key, shares, caps)]
    left = n
    while left and open_:
        total = sum(weights[key] for key in open_)
        exact = {key: left * weights[key] / total for key in open_}
        whole = {key: math.floor(exact[key]) for key in open_}
        rest = left - sum(whole.values())
        # Python's sort is stable: of equal remainders the first named comes first.
        for key in sorted(open_, key=lambda key: whole[key] - exact[key])[:rest]:
            whole[key] += 1
        for key, wanted in whole.items():
            given = min(wanted, _room(key, shares, caps))
            shares[key] += given
            left -= given
        open_ = [key for key in open_ if _room(key, shares, caps)]
    return shares


def _room(key: Key, shares: Mapping[Key, int], caps: Mapping[Key, float]) -> int:
    return max(0, math.ceil(caps[key]) - shares[key])


def plan_quotas(spec: Spec, traffic: Mapping[Cell, float]) -> dict[Cell, int]:
    """Cases wanted of each cell that traffic has.

    Hard buckets get the share that the spec gives them, each the same; within a
    bucket, and among what is typical, strata get what traffic gives them.
    """
    cells = sorted(traffic)
    buckets = [one for one in spec.hard.buckets if _total(one, traffic)]
    n_hard = round(spec.hard.share * spec.size.cases)
    per_bucket = share_out(
        n_hard,
        dict.fromkeys(buckets, 1.0),
        {bucket: _whole_total(bucket, traffic) for bucket in buckets},
    )
    quotas: dict[Cell, int] = {}
    for bucket, n in per_bucket.items():
        quotas |= _over(n, bucket, cells, traffic)
    rest = spec.size.cases - sum(quotas.values())
    return quotas | _over(rest, TYPICAL, cells, traffic)


def _over(
    n: int, bucket: str, cells: Sequence[Cell], traffic: Mapping[Cell, float]
) -> dict[Cell, int]:
    own = {cell: traffic[cell] for cell in cells if cell.bucket == bucket}
    return share_out(n, own, own)


def _total(bucket: str, traffic: Mapping[Cell, float]) -> float:
    return sum(n for cell, n in traffic.items() if cell.bucket == bucket)


def _whole_total(bucket: str, traffic: Mapping[Cell, float]) -> int:
    return sum(math.ceil(n) for cell, n in traffic.items() if cell.bucket == bucket)


def weigh(
    chosen: Mapping[Cell, Sequence[float]], traffic: Mapping[Cell, float]
) -> dict[Cell, float]:
    """For each cell, what a case weighs per chance of one: times `1 / chance`.

    Within a cell a case stands for as many as its chance of being seen says, the
    cases of a cell together for the traffic of the cell (Hajek), and all cases
    together for as many as they are.
    """
    stood: dict[Cell, float] = defaultdict(float)
    for cell, chances in chosen.items():
        stood[cell] = sum(1 / chance for chance in chances)
    n_cases = sum(len(chances) for chances in chosen.values())
    total = sum(traffic.get(cell, 0.0) for cell, sum_ in stood.items() if sum_)
    if not total:
        return {}
    return {
        cell: n_cases * traffic.get(cell, 0.0) / total / sum_
        for cell, sum_ in stood.items()
        if sum_
    }
