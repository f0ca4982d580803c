"""Could they tell? What guesses about the source say about the blinding."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate
from calibration.statistics.proportions import Limits, proportion


def bang_index(
    right: int,
    wrong: int,
    unsure: int,
    *,
    systems: int = 2,
    confidence: float = 0.90,
) -> Estimate:
    """Compute Bang's blinding index of one system from the guesses about it.

    Parameters
    ----------
    right, wrong, unsure : int
        Guesses that named the system, another one, and "don't know".
    systems : int
        How many could be guessed; guessing blindly scores 0 whatever their number.
    confidence : float
        Two-sided; at 0.90 the lower limit is the one-sided 95% limit by which
        blinding is called broken (above 0).

    Returns
    -------
    Estimate
        1 if all name the system, 0 for guesses at random, below 0 if they name
        others. Undefined without guesses.

    Raises
    ------
    ValueError
        If a count is negative or fewer than two systems could be guessed.

    References
    ----------
    Bang, Ni and Davis (2004), Controlled Clinical Trials 25, 143-156; for more than
    two systems the chance of a right guess is 1 / systems.

    Examples
    --------
    >>> crisp = bang_index(82, 25, 170)
    >>> round(crisp.value, 4), round(crisp.low, 4), round(crisp.high, 4)
    (0.2058, 0.1478, 0.2637)
    """
    if min(right, wrong, unsure) < 0 or systems < 2:
        raise ValueError("counts of at least 0 and two systems are needed")
    total = right + wrong + unsure
    basis = Basis(total, total, 0, f"Bang's index, {systems} systems")
    if not total:
        return basis.undefined("nobody was asked")
    # A right guess scores 1, a wrong one what makes blind guessing 0.
    loss = 1 / (systems - 1)
    value = (right - loss * wrong) / total
    variance = (right + loss**2 * wrong) / total - value**2
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(variance / total)
    estimate = basis.defined(value)
    if not reach:
        return estimate.noting("no interval: all guesses are alike")
    return estimate.with_limits(value - reach, value + reach, f"{confidence:.0%} Wald")


def bang_by_system(
    guesses: Sequence[tuple[Hashable, Hashable | None]],
    *,
    confidence: float = 0.90,
) -> dict[Any, Estimate]:
    """Compute Bang's index of each system that was guessed about.

    Parameters
    ----------
    guesses : sequence of (true system, guessed system or None)
        `None` for "don't know".
    confidence : float
        As in `bang_index`.

    Returns
    -------
    dict of system to Estimate
        In the order of their names; empty without guesses.

    Raises
    ------
    ValueError
        If only one system occurs at all.

    Examples
    --------
    >>> found = bang_by_system([("a", "a"), ("a", None), ("b", "c"), ("c", "c")])
    >>> {system: index.value for system, index in found.items()}
    {'a': 0.5, 'b': -0.5, 'c': 1.0}
    """
    named = {name for pair in guesses for name in pair if name is not None}
    truths = sorted({truth for truth, _ in guesses}, key=str)
    found = {}
    for system in truths:
        own = [guess for truth, guess in guesses if truth == system]
        right, unsure = own.count(system), own.count(None)
        found[system] = bang_index(
            right,
            len(own) - right - unsure,
            unsure,
            systems=len(named),
            confidence=confidence,
        )
    return found


def right_guesses(right: int, wrong: int, *, systems: int) -> float | None:
    """Test whether those who guessed were right more often than by chance.

    Parameters
    ----------
    right, wrong : int
        Guesses; "don't know" is left out.
    systems : int
        How many could be guessed.

    Returns
    -------
    float or None
        One-sided exact p-value; `None` if nobody guessed.

    Examples
    --------
    >>> round(right_guesses(60, 40, systems=2), 4)
    0.0284
    """
    if not right + wrong:
        return None
    test = stats.binomtest(right, right + wrong, 1 / systems, alternative="greater")
    return float(test.pvalue)


def james_index(guesses: npt.ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Compute James' blinding index over two systems together.

    Parameters
    ----------
    guesses : array_like of int, shape (3, 2)
        Rows: guessed the first, the second, don't know. Columns: truly the first, the
        second.
    confidence : float
        Between 0 and 1; blinding is called broken if the upper limit is below 0.5.

    Returns
    -------
    Estimate
        0 all right, 0.5 guesses at random, 1 all "don't know". Undefined without
        guesses, or where chance leaves nothing to tell.

    Raises
    ------
    ValueError
        If the table does not have three rows and two columns.

    References
    ----------
    James et al. (1996), Statistics in Medicine 15, 1421-1434.

    Examples
    --------
    >>> crisp = james_index([[82, 27], [25, 29], [170, 83]])
    >>> round(crisp.value, 4), round(crisp.low, 4), round(crisp.high, 4)
    (0.7479, 0.7053, 0.7905)
    """
    table = np.asarray(guesses, dtype=np.float64)
    if table.shape != (3, 2):
        raise ValueError(f"the table has shape {table.shape}, expected (3, 2)")
    total = int(table.sum())
    basis = Basis(total, total, 0, "James' index")
    if not total:
        return basis.undefined("nobody was asked")
    if table[2].sum() == total:
        return basis.defined(1.0).noting("no interval: all guesses are alike")
    shares = table / total
    guesses_made = shares[:2]
    guessed, wrong = guesses_made.sum(), guesses_made[0, 1] + guesses_made[1, 0]
    by_guess, by_truth = guesses_made.sum(axis=1), guesses_made.sum(axis=0)
    chance = by_guess @ by_truth[::-1]
    if not chance:
        return basis.undefined("no guess could have been wrong by chance")
    value = float(shares[2].sum() + guessed**2 * wrong / (2 * chance))
    # Delta method: how the index moves with the share of each cell.
    slopes = np.ones((3, 2))
    moved = by_truth[::-1][:, None] + by_guess[::-1]
    slopes[:2] = (guessed / chance) * (
        wrong + guessed / 2 * (1 - np.eye(2)) - guessed * wrong / (2 * chance) * moved
    )
    variance = (shares * slopes**2).sum() - (shares * slopes).sum() ** 2
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(variance / total)
    return basis.defined(value).with_limits(
        value - reach, value + reach, "delta method"
    )


def left_right(left: int, right: int) -> tuple[Estimate, float | None]:
    """Test whether the side on which a response stood changed who won.

    Parameters
    ----------
    left, right : int
        Decisive votes for the response on the left and on the right.

    Returns
    -------
    tuple of Estimate and float or None
        Share of left among decisive votes, exact limits; two-sided exact p-value,
        `None` without votes.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> share, p_value = left_right(115, 85)
    >>> share.value, round(p_value, 4)
    (0.575, 0.04)
    """
    share = proportion(left, left + right, limits=Limits.CLOPPER_PEARSON)
    if share.value is None:
        return share, None
    return share, float(stats.binomtest(left, left + right, 0.5).pvalue)


def gap_by_guess(
    votes: Mapping[bool, tuple[int, int]],
) -> dict[bool, Estimate]:
    """Compare how often a system won when its source was guessed and when it was not.

    Parameters
    ----------
    votes : mapping of bool to (wins, decisive votes)
        By whether the reviewer said that they could tell.

    Returns
    -------
    dict of bool to Estimate
        Share of wins with Wilson limits, each undefined without votes.

    Examples
    --------
    >>> found = gap_by_guess({True: (30, 40), False: (55, 100)})
    >>> found[True].value, found[False].value
    (0.75, 0.55)
    """
    return {could_tell: proportion(*counts) for could_tell, counts in votes.items()}
