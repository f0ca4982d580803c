"""Chance, where it must be repeatable: draws, sides and the shuffle of a batch."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw(key: str, item_id: str) -> float:
    """A number in [0, 1) that follows from the item's id and a secret key.

    Nobody who can choose an id can choose the number, the order of arrival does
    not matter, and whoever has the key can replay it.
    """
    digest = hmac.new(key.encode(), item_id.encode(), hashlib.sha256).digest()
    # 53 bits are what a float holds exactly.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def count_seeded(size: int, rate: float, rng: Random) -> int:
    """How many of `size` places carry gold: `rate` on average, never a fixed number.

    A constant count would tell a reviewer how many are left.
    """
    expected = size * rate
    whole = int(expected)
    return min(size, whole + (rng.random() < expected - whole))


def pick_balanced(
    candidates: Iterable[tuple[str, T]],
    count: int,
    rng: Random,
    had: Mapping[str, int] | None = None,
) -> list[T]:
    """Choose `count` of the (band, thing) candidates, the bands by turns.

    `had` counts what was chosen before: the band that is behind comes first.
    """
    piles: dict[str, list[T]] = {}
    for band, thing in candidates:
        piles.setdefault(band, []).append(thing)
    for pile in piles.values():
        rng.shuffle(pile)
    given = Counter(had or {})
    chosen: list[T] = []
    while len(chosen) < count and any(piles.values()):
        bands = [band for band, pile in piles.items() if pile]
        fewest = min(given[band] for band in bands)
        band = rng.choice([band for band in bands if given[band] == fewest])
        given[band] += 1
        chosen.append(piles[band].pop())
    return chosen


def order_responses(counts: Sequence[int], rng: Random) -> list[list[int]]:
    """For each item with `counts[i]` responses, the order in which they are shown.

    Over the pairs of a batch each side comes first equally often (within one);
    which item gets which is random.
    """
    n_pairs = sum(count == 2 for count in counts)
    firsts = [index % 2 for index in range(n_pairs)]
    if n_pairs % 2:
        firsts[-1] = rng.randrange(2)
    rng.shuffle(firsts)
    pairs = iter(firsts)
    orders = []
    for count in counts:
        if count == 2:
            first = next(pairs)
            orders.append([first, 1 - first])
        else:
            order = list(range(count))
            rng.shuffle(order)
            orders.append(order)
    return orders
