"""Recognised gold: who does better on it than the others do."""

import math
from typing import NamedTuple

from scipy import stats


class Tally(NamedTuple):
    """What a reviewer got right on gold, and how often they agreed on live items.

    Parameters
    ----------
    gold_right, gold_answered : int
        Gold cases answered rightly, and answered.
    live_agreeing, live_rated : int
        Live items on which they agreed with the consensus of the others, and live
        items that had one.

    Examples
    --------
    >>> Tally(48, 50, 150, 200).gold_right
    48
    """

    gold_right: int
    gold_answered: int
    live_agreeing: int
    live_rated: int


def leak_beside_others(own: Tally, others: Tally) -> float | None:
    """Test whether a reviewer gains more on gold than the others do.

    Gold is often clearer than live items, and a consensus errs where gold does not: so
    everybody does better on gold. Only who does so more than the others has perhaps
    recognised it.

    Parameters
    ----------
    own, others : Tally
        Of the reviewer, and of all others together.

    Returns
    -------
    float or None
        One-sided p-value of the difference of the two gaps; `None` if a share rests on
        nothing or none of them varies.

    References
    ----------
    Angrist and Pischke (2009), Mostly Harmless Econometrics, ch. 5 (differences in
    differences).

    Examples
    --------
    >>> round(leak_beside_others(Tally(50, 50, 120, 200), Tally(90, 100, 300, 400)), 4)
    0.0
    >>> round(leak_beside_others(Tally(48, 50, 150, 200), Tally(96, 100, 300, 400)), 4)
    0.5
    >>> leak_beside_others(Tally(0, 0, 1, 2), Tally(1, 2, 1, 2)) is None
    True
    """
    counts = [(own[:2], 1), (own[2:], -1), (others[:2], -1), (others[2:], 1)]
    if not all(answered for (_, answered), _ in counts):
        return None
    shares = [(right / answered, answered, sign) for (right, answered), sign in counts]
    beyond = sum(sign * share for share, _, sign in shares)
    variance = sum(share * (1 - share) / answered for share, answered, _ in shares)
    if not variance:
        return None
    return float(stats.norm.sf(beyond / math.sqrt(variance)))
