"""Words for coefficients, read on the cautious side."""

from collections.abc import Sequence

from scipy import stats

LANDIS_KOCH = (
    (0.8, "almost perfect"),
    (0.6, "substantial"),
    (0.4, "moderate"),
    (0.2, "fair"),
    (0.0, "slight"),
    (-1.0, "poor"),
)
KRIPPENDORFF = ((0.8, "reliable"), (0.667, "tentative"), (-1.0, "unreliable"))


def band(
    low: float | None, bands: Sequence[tuple[float, str]] = LANDIS_KOCH
) -> str | None:
    """Return the word for a coefficient, read on its *lower* limit.

    Parameters
    ----------
    low : float or None
        Lower limit of the coefficient.
    bands : sequence of (least value, word)
        From the highest to the lowest.

    Returns
    -------
    str or None
        `None` where there is no limit.

    References
    ----------
    Landis and Koch (1977), Biometrics 33, 159-174, who call their bands arbitrary;
    Krippendorff (2004), Content Analysis, 2nd ed., ch. 11.

    Examples
    --------
    >>> band(0.72), band(0.72, KRIPPENDORFF)
    ('substantial', 'tentative')
    """
    if low is None:
        return None
    return next((word for least, word in bands if low >= least), bands[-1][1])


def likely_band(
    value: float,
    standard_error: float,
    *,
    bands: Sequence[tuple[float, str]] = LANDIS_KOCH,
    certainty: float = 0.95,
) -> str:
    """Return the highest band that a coefficient reaches with enough certainty.

    Parameters
    ----------
    value, standard_error : float
        Of the coefficient; the error is above 0.
    bands : sequence of (least value, word)
        From the highest to the lowest.
    certainty : float
        The probability that must be exceeded.

    Returns
    -------
    str
        A word.

    Raises
    ------
    ValueError
        If the standard error is not above 0.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 6.

    Examples
    --------
    >>> likely_band(0.775, 0.143)
    'moderate'
    """
    if standard_error <= 0:
        raise ValueError(f"a standard error of {standard_error} tells nothing")
    truth = stats.norm(value, standard_error)
    below_one = truth.cdf(1)
    for least, word in bands[:-1]:
        if (below_one - truth.cdf(least)) / below_one > certainty:
            return word
    return bands[-1][1]
