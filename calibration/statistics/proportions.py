"""Shares of a count, with limits that hold for small counts."""

from enum import StrEnum

from scipy import stats

from calibration.statistics.estimates import Basis, Estimate


class Limits(StrEnum):
    """How the limits of a share are found."""

    WILSON = "Wilson"
    CLOPPER_PEARSON = "Clopper-Pearson"


def proportion(
    count: int,
    total: int,
    *,
    limits: Limits = Limits.WILSON,
    confidence: float = 0.95,
    n_raters: int = 0,
) -> Estimate:
    """Estimate a share from a simple random sample.

    Parameters
    ----------
    count, total : int
        Items with the property, and items.
    limits : Limits
        Wilson to show (covers on average), Clopper-Pearson to guarantee (covers at
        least).
    confidence : float
        Between 0 and 1.
    n_raters : int
        Raters the figure rests on, 0 where raters play no part.

    Returns
    -------
    Estimate
        Share between 0 and 1; undefined if `total` is 0.

    Raises
    ------
    ValueError
        If `count` is not between 0 and `total`.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 857-872.

    Examples
    --------
    >>> share = proportion(81, 263)
    >>> round(share.low, 4), round(share.high, 4)
    (0.2553, 0.3662)
    """
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    basis = Basis(total, total, n_raters, f"share, {limits} limits")
    if not total:
        return basis.undefined("nothing was counted")
    test = stats.binomtest(count, total)
    if Limits(limits) is Limits.WILSON:
        found = test.proportion_ci(confidence, method="wilson")
    else:
        found = test.proportion_ci(confidence, method="exact")
    return basis.defined(count / total).with_limits(
        float(found.low), float(found.high), f"{confidence:.0%}"
    )


def upper_limit(count: int, total: int, *, confidence: float = 0.95) -> float:
    """Return the one-sided upper limit of a share; what "none seen" still allows.

    Parameters
    ----------
    count, total : int
        Items with the property, and items; at least one item.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    float
        Exact (Clopper-Pearson) limit, between 0 and 1.

    Raises
    ------
    ValueError
        If `count` is not between 0 and `total`, or `total` is 0.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> round(upper_limit(0, 59), 4)
    0.0495
    """
    if not (0 <= count <= total and total):
        raise ValueError(f"{count} of {total} is no share")
    if count == total:
        return 1.0
    return float(stats.beta.ppf(confidence, count + 1, total - count))
