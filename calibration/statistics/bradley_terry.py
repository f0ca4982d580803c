"""Strengths of rivals from comparisons of pairs, ties included."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strengths:
    """Fitted strengths.

    Parameters
    ----------
    rivals : tuple
        Who was compared.
    log_strength : ndarray of float64, shape (n_rivals,), or None
        Natural logarithms with mean 0; `None` where undefined.
    tie_parameter : float
        Davidson's nu: 0 if there was no tie.
    reason : str or None
        Why there are no strengths.

    Examples
    --------
    >>> round(fit_bradley_terry("ab", [[0, 3], [1, 0]]).beats(0, 1), 6)
    0.75
    """

    rivals: tuple[Any, ...]
    log_strength: Floats | None
    tie_parameter: float
    reason: str | None = None

    def beats(self, first: int, second: int) -> float | None:
        """Return the chance that one rival beats another, a tie being possible.

        Parameters
        ----------
        first, second : int
            Places among the rivals.

        Returns
        -------
        float or None
            `None` where there are no strengths.

        Examples
        --------
        >>> round(fit_bradley_terry("ab", [[0, 3], [1, 0]]).beats(1, 0), 6)
        0.25
        """
        if self.log_strength is None:
            return None
        gap = self.log_strength[second] - self.log_strength[first]
        tie = self.tie_parameter * np.exp(gap / 2)
        return float(1 / (1 + np.exp(gap) + tie))


def fit_bradley_terry(
    rivals: Sequence[Any],
    wins: npt.ArrayLike,
    ties: npt.ArrayLike | None = None,
    *,
    pseudo_wins: float = 0.0,
) -> Strengths:
    """Fit strengths by maximum likelihood, with Davidson's model of ties.

    Parameters
    ----------
    rivals : sequence, length n_rivals
        Names.
    wins : array_like of float, shape (n_rivals, n_rivals)
        How often the row's rival beat the column's.
    ties : array_like of float, shape (n_rivals, n_rivals), optional
        Ties; symmetric, each pair's total written in both places.
    pseudo_wins : float
        Added to both sides of every pair that met; 0.5 keeps a rival who won or lost
        everything from running off to infinity.

    Returns
    -------
    Strengths
        Undefined if some rivals cannot be compared, or never lost to the others.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is negative or ties are not symmetric.

    References
    ----------
    Bradley and Terry (1952), Biometrika 39, 324-345; Davidson (1970), Journal of the
    American Statistical Association 65, 317-328.

    Examples
    --------
    >>> found = fit_bradley_terry("abc", [[0, 6, 4], [3, 0, 5], [4, 2, 0]])
    >>> found.log_strength.round(3).tolist()
    [0.245, 0.022, -0.266]
    """
    won = np.array(wins, dtype=np.float64)
    tied = np.zeros_like(won) if ties is None else np.array(ties, dtype=np.float64)
    _check(len(rivals), won, tied)
    met = (won + won.T + tied) > 0
    won += pseudo_wins * met
    names = tuple(rivals)
    if not _is_connected(won + tied):
        reason = "some rivals never lost to, tied with or met the others"
        return Strengths(names, None, 0.0, reason)
    found = optimize.minimize(
        _loss,
        np.zeros(len(names) + 1),
        args=(won, tied),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-9},
    )
    strength: Floats = found.x[:-1] - found.x[:-1].mean()
    nu = float(np.exp(found.x[-1])) if tied.any() else 0.0
    return Strengths(names, strength, nu)


def _check(size: int, won: Floats, tied: Floats) -> None:
    if won.shape != (size, size) or tied.shape != won.shape:
        raise ValueError(f"wins and ties must have shape {(size, size)}")
    if (won < 0).any() or (tied < 0).any():
        raise ValueError("wins and ties cannot be negative")
    if not np.array_equal(tied, tied.T):
        raise ValueError("ties must be the same from both sides")


def _is_connected(beaten: Floats) -> bool:
    parts, _ = sparse.csgraph.connected_components(beaten, connection="strong")
    return bool(parts == 1)


def _loss(place: Floats, won: Floats, tied: Floats) -> tuple[float, Floats]:
    """Return the negative log likelihood a comparison, and its gradient.

    Convex: each outcome is one of three in a log-linear model.
    """
    strength, log_nu = place[:-1], place[-1]
    has_ties = bool(tied.any())
    games = won + won.T + tied
    half = (strength[:, None] + strength) / 2
    rows = np.broadcast_to(strength[:, None], won.shape)
    tie = half + log_nu if has_ties else np.full(won.shape, -np.inf)
    top = np.maximum(rows, rows.T)
    total = np.exp(rows - top) + np.exp(rows.T - top) + np.exp(tie - top)
    log_total = top + np.log(total)
    p_win, p_tie = np.exp(rows - log_total), np.exp(tie - log_total)
    above = np.triu(np.ones_like(won), k=1)
    loss = (above * (games * log_total)).sum() - (won * rows).sum()
    gradient = (games * (p_win + p_tie / 2)).sum(axis=1)
    gradient -= won.sum(axis=1) + tied.sum(axis=1) / 2
    slope = 0.0
    if has_ties:
        loss -= (above * tied * tie).sum()
        slope = float((above * (games * p_tie - tied)).sum())
    count = max(float((above * games).sum()), 1.0)
    # The mean of the strengths is free; holding it near 0 makes the minimum one point.
    loss += count * strength.mean() ** 2
    gradient += count * 2 * strength.mean() / len(strength)
    return float(loss) / count, np.append(gradient, slope) / count
