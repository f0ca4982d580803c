"""A reviewer's record on gold: accuracy, clearing and flagging, leaks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from calibration.statistics.estimates import Basis, Estimate


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """What a reviewer's answers to gold cases tell.

    Parameters
    ----------
    accuracy : Estimate
        Posterior mean and central limits.
    p_above_bar : float
        Probability that the true accuracy is at least the bar.
    bar : float
        That bar.

    Examples
    --------
    >>> round(gold_record(10, 10).p_above_bar, 3)
    0.833
    """

    accuracy: Estimate
    p_above_bar: float
    bar: float


def gold_record(
    right: int, answered: int, *, bar: float = 0.85, confidence: float = 0.90
) -> GoldRecord:
    """Return the posterior of a reviewer's accuracy under a uniform prior.

    Parameters
    ----------
    right, answered : int
        Gold cases answered rightly, and answered.
    bar : float
        The accuracy that is asked for.
    confidence : float
        Of the central interval; at 0.90 its lower limit is a one-sided 95% limit.

    Returns
    -------
    GoldRecord
        Defined without any answer too: the prior.

    Raises
    ------
    ValueError
        If `right` is not between 0 and `answered`.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., ch. 2.

    Examples
    --------
    >>> round(gold_record(28, 30).accuracy.low, 3)
    0.811
    """
    if not 0 <= right <= answered:
        raise ValueError(f"{right} right of {answered} cannot be")
    posterior = stats.beta(1 + right, 1 + answered - right)
    tail = (1 - confidence) / 2
    low, high = posterior.ppf([tail, 1 - tail])
    basis = Basis(answered, answered, 1, "Beta posterior, uniform prior")
    accuracy = basis.defined(float(posterior.mean()))
    return GoldRecord(
        accuracy.with_limits(float(low), float(high), f"{confidence:.0%}"),
        float(posterior.sf(bar)),
        bar,
    )


class Verdict(StrEnum):
    """What a sequential test says so far."""

    CLEAR = "clear"
    FLAG = "flag"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """Wald's sequential test of a reviewer's accuracy on gold.

    Parameters
    ----------
    good, bad : float
        Accuracy to be cleared, and to be flagged; good is the higher.
    false_flag, false_clear : float
        Chance of flagging a good and of clearing a bad reviewer.

    Raises
    ------
    ValueError
        If the figures are not probabilities in that order.

    References
    ----------
    Wald (1945), Annals of Mathematical Statistics 16, 117-186.

    Examples
    --------
    >>> test = SequentialTest()
    >>> round(test.flag_at, 6), round(test.clear_at, 6)
    (2.890372, -2.251292)
    >>> test.verdict([True] * 14), test.verdict([False] * 3)
    (<Verdict.CLEAR: 'clear'>, <Verdict.FLAG: 'flag'>)
    """

    good: float = 0.95
    bad: float = 0.80
    false_flag: float = 0.05
    false_clear: float = 0.10

    def __post_init__(self) -> None:
        """Refuse a test that cannot end."""
        if not 0 < self.bad < self.good < 1:
            raise ValueError("0 < bad < good < 1 is needed")
        if not (0 < self.false_flag < 0.5 and 0 < self.false_clear < 0.5):
            raise ValueError("the chances of error must lie between 0 and 0.5")

    @property
    def flag_at(self) -> float:
        """Log likelihood ratio from which a reviewer is flagged."""
        return math.log((1 - self.false_clear) / self.false_flag)

    @property
    def clear_at(self) -> float:
        """Log likelihood ratio down to which a reviewer is cleared."""
        return math.log(self.false_clear / (1 - self.false_flag))

    @property
    def right_step(self) -> float:
        """What a right answer adds to the log likelihood ratio; negative."""
        return math.log(self.bad / self.good)

    @property
    def wrong_step(self) -> float:
        """What a wrong answer adds; positive."""
        return math.log((1 - self.bad) / (1 - self.good))

    def verdict(self, answers: Sequence[bool]) -> Verdict:
        """Judge answers in the order in which they were given.

        Parameters
        ----------
        answers : sequence of bool
            Whether each gold case was answered rightly.

        Returns
        -------
        Verdict
            That of the first bound to be crossed.

        Examples
        --------
        >>> SequentialTest().verdict([True, False, True])
        <Verdict.CONTINUE: 'continue'>
        """
        evidence = 0.0
        for is_right in answers:
            evidence += self.right_step if is_right else self.wrong_step
            if evidence >= self.flag_at:
                return Verdict.FLAG
            if evidence <= self.clear_at:
                return Verdict.CLEAR
        return Verdict.CONTINUE

    def expected_answers(self) -> tuple[float, float]:
        """Return how many gold cases the test takes on average (Wald's approximation).

        Returns
        -------
        tuple of two float
            For a good and for a bad reviewer.

        Examples
        --------
        >>> [round(n, 1) for n in SequentialTest().expected_answers()]
        [21.2, 17.0]
        """

        def needed(accuracy: float, flagged: float) -> float:
            step = accuracy * self.right_step + (1 - accuracy) * self.wrong_step
            return (flagged * self.flag_at + (1 - flagged) * self.clear_at) / step

        return (
            needed(self.good, self.false_flag),
            needed(self.bad, 1 - self.false_clear),
        )


@dataclass(frozen=True, slots=True)
class LeakTest:
    """Whether gold is answered better than live items: a sign that it is recognised.

    Parameters
    ----------
    gap : float or None
        Accuracy on gold less agreement with the others on live items.
    z : float or None
        Test statistic.
    p_value : float or None
        One-sided.
    reason : str or None
        Why there is no test.

    Examples
    --------
    >>> gold_leak(0, 0, 10, 20).reason
    'no gold was answered'
    """

    gap: float | None
    z: float | None
    p_value: float | None
    reason: str | None = None


def gold_leak(
    gold_right: int, gold_answered: int, live_agreeing: int, live_rated: int
) -> LeakTest:
    """Test whether a reviewer does better on gold than on live items.

    Parameters
    ----------
    gold_right, gold_answered : int
        Gold cases answered rightly, and answered.
    live_agreeing, live_rated : int
        Live items on which the reviewer agreed with the consensus of the others, and
        live items that had one.

    Returns
    -------
    LeakTest
        One-sided test of two shares; undefined if one of them rests on nothing or both
        are 0, or 1.

    References
    ----------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, ch. 3.

    Examples
    --------
    >>> found = gold_leak(48, 50, 150, 200)
    >>> round(found.gap, 2), round(found.p_value, 4)
    (0.21, 0.0005)
    """
    if not gold_answered:
        return LeakTest(None, None, None, "no gold was answered")
    if not live_rated:
        return LeakTest(None, None, None, "no live item has a consensus of others")
    gap = gold_right / gold_answered - live_agreeing / live_rated
    pooled = (gold_right + live_agreeing) / (gold_answered + live_rated)
    error = math.sqrt(pooled * (1 - pooled) * (1 / gold_answered + 1 / live_rated))
    if not error:
        return LeakTest(gap, None, None, "no variation: all answers right, or wrong")
    return LeakTest(gap, gap / error, float(stats.norm.sf(gap / error)))
