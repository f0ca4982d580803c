"""A figure with what it rests on: never a bare number, never NaN."""

import math
from dataclasses import dataclass, replace
from typing import Self

NO_PAIRS = "no item has two ratings"
NO_VARIATION = "no variation: only one value was used"
ONE_VALUE = "the scale has only one value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure, its limits, what it was computed from, and what is missing.

    Parameters
    ----------
    value : float or None
        The point estimate; `None` where it is undefined, never NaN and never a
        stand-in such as 0.
    low, high : float or None
        Limits of the interval, both or neither.
    n_items, n_ratings, n_raters : int
        What the figure rests on: the items, ratings and raters that entered it,
        which may be fewer than were handed in.
    method : str
        The coefficient and, where there are limits, how they were found.
    reason : str or None
        In words: why the value or its interval is missing, or what was left out.
        Required when `value` is `None`.
    undefined_resamples : int
        Resamples in which the coefficient was undefined, out of those drawn.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, a missing value has no reason, or only one
        limit is given.

    Examples
    --------
    >>> Estimate(value=0.8, n_items=40, n_ratings=80, n_raters=2, method="kappa").value
    0.8
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n_items: int
    n_ratings: int
    n_raters: int
    method: str
    reason: str | None = None
    undefined_resamples: int = 0

    def __post_init__(self) -> None:
        """Refuse what would be read as a number and is none."""
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{name} is {number}: say None and the reason")
        if self.value is None and not self.reason:
            raise ValueError("an undefined value needs its reason in words")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has two limits or none")

    def with_limits(self, low: float, high: float, method: str) -> Self:
        """Return the same figure with its interval and how that was found.

        Parameters
        ----------
        low, high : float
            Limits, in the unit of the value.
        method : str
            How they were found; appended to the method of the figure.

        Returns
        -------
        Estimate
            The figure with its limits.

        Examples
        --------
        >>> plain = Estimate(
        ...     value=0.8, n_items=40, n_ratings=80, n_raters=2, method="kappa"
        ... )
        >>> plain.with_limits(0.7, 0.9, "bootstrap").method
        'kappa; bootstrap'
        """
        return replace(self, low=low, high=high, method=f"{self.method}; {method}")

    def noting(self, reason: str) -> Self:
        """Return the same figure with a remark, mostly on why it has no interval.

        Parameters
        ----------
        reason : str
            In words.

        Returns
        -------
        Estimate
            The figure with the remark added to any it already had.

        Examples
        --------
        >>> plain = Estimate(
        ...     value=0.8, n_items=4, n_ratings=8, n_raters=2, method="kappa"
        ... )
        >>> plain.noting("too few items").reason
        'too few items'
        """
        return replace(
            self, reason=f"{self.reason}; {reason}" if self.reason else reason
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure rests on, before it is known whether there is a figure.

    Parameters
    ----------
    n_items, n_ratings, n_raters : int
        The items, ratings and raters that enter it.
    method : str
        The coefficient.

    Examples
    --------
    >>> Basis(0, 0, 2, "kappa").undefined("no item was rated twice").value is None
    True
    """

    n_items: int
    n_ratings: int
    n_raters: int
    method: str

    def defined(self, value: float, *, note: str | None = None) -> Estimate:
        """Return the estimate of a value.

        Parameters
        ----------
        value : float
            The point estimate.
        note : str, optional
            What was left out.

        Returns
        -------
        Estimate
            Without limits.

        Examples
        --------
        >>> Basis(40, 80, 2, "kappa").defined(0.8).value
        0.8
        """
        return self._estimate(float(value), note)

    def undefined(self, reason: str) -> Estimate:
        """Return the estimate that has no value.

        Parameters
        ----------
        reason : str
            Why, in words.

        Returns
        -------
        Estimate
            With value `None`.

        Examples
        --------
        >>> Basis(40, 80, 2, "kappa").undefined("no variation").reason
        'no variation'
        """
        return self._estimate(None, reason)

    def _estimate(self, value: float | None, reason: str | None) -> Estimate:
        return Estimate(
            value=value,
            n_items=self.n_items,
            n_ratings=self.n_ratings,
            n_raters=self.n_raters,
            method=self.method,
            reason=reason,
        )
