"""How many items, and how many people, a plan needs."""

import math
from dataclasses import dataclass

from scipy import stats


class Overloaded(ValueError):
    """More work arrives than the people can do; the wait grows without end."""


def items_needed(
    kappa: float, prevalence: float, half_width: float, *, confidence: float = 0.95
) -> int:
    """Return how many items two raters must share for a wanted interval of kappa.

    Two values and equal marginals are assumed.

    Parameters
    ----------
    kappa : float
        Expected kappa, above its least possible value and at most 1.
    prevalence : float
        Share of the rarer value, between 0 and 1.
    half_width : float
        Half the width of the wanted interval.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    int
        Items rated by both, rounded up.

    Raises
    ------
    ValueError
        If prevalence or half width are out of range, or such a kappa cannot occur.

    References
    ----------
    Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, 323-327.

    Examples
    --------
    >>> items_needed(0.6, 0.3, 0.10)
    296
    """
    if not (0 < prevalence < 1 and half_width > 0):
        raise ValueError("prevalence must lie between 0 and 1, half width above 0")
    p, q = prevalence, 1 - prevalence
    both, neither, split = (
        p * p + kappa * p * q,
        q * q + kappa * p * q,
        (1 - kappa) * p * q,
    )
    if min(both, neither, split) < 0:
        raise ValueError(f"kappa {kappa} cannot occur at prevalence {prevalence}")
    observed, expected = both + neither, p * p + q * q
    left = 1 - expected
    agreeing = sum(
        cell * (left - 2 * share * (1 - observed)) ** 2
        for cell, share in ((both, p), (neither, q))
    )
    disagreeing = (1 - observed) ** 2 * 2 * split
    rest = (observed * expected - 2 * expected + observed) ** 2
    variance = (agreeing + disagreeing - rest) / left**4
    z = float(stats.norm.ppf((1 + confidence) / 2))
    return math.ceil(round(z**2 * variance / half_width**2, 6))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What those who wait for a reviewer must expect.

    Parameters
    ----------
    load : float
        Work arriving, in people (Erlang).
    occupancy : float
        Share of time that people are busy.
    wait_probability : float
        Chance that an item waits at all.
    service_level : float
        Share of items begun within the target.
    mean_wait : float
        Seconds, over all items.

    Examples
    --------
    >>> queue = erlang_c(arrivals=100, period=1800, handling=180, agents=14, within=20)
    >>> round(queue.load, 1)
    10.0
    """

    load: float
    occupancy: float
    wait_probability: float
    service_level: float
    mean_wait: float


def erlang_c(
    *, arrivals: float, period: float, handling: float, agents: int, within: float
) -> Waiting:
    """Reckon the wait before a gate that is staffed by the minute.

    For service times of hours look at the age of the backlog instead.

    Parameters
    ----------
    arrivals : float
        Items that arrive in one period.
    period : float
        Seconds.
    handling : float
        Seconds of work an item.
    agents : int
        People at work.
    within : float
        Target wait, in seconds.

    Returns
    -------
    Waiting
        For random arrivals and first come, first served.

    Raises
    ------
    Overloaded
        If the load is not below the number of people.

    References
    ----------
    Erlang (1917); Gross et al. (2008), Fundamentals of Queueing Theory, ch. 2.

    Examples
    --------
    >>> queue = erlang_c(arrivals=360, period=1800, handling=240, agents=55, within=15)
    >>> round(queue.wait_probability, 4), round(queue.service_level, 4)
    (0.2387, 0.8459)
    """
    load = arrivals * handling / period
    if load >= agents:
        raise Overloaded(f"a load of {load:.1f} needs more than {agents} people")
    blocked = float(stats.poisson.pmf(agents, load) / stats.poisson.cdf(agents, load))
    wait = blocked / (1 - load / agents * (1 - blocked))
    spare = agents - load
    return Waiting(
        load=load,
        occupancy=load / agents,
        wait_probability=wait,
        service_level=1 - wait * math.exp(-spare * within / handling),
        mean_wait=wait * handling / spare,
    )


def people_needed(
    *,
    arrivals: float,
    review_share: float,
    handling: float,
    overlap: int = 1,
    double_share: float = 0.0,
    gold_rate: float = 0.0,
    retest_rate: float = 0.0,
    productive_hours: float = 6.0,
    utilisation: float = 0.85,
) -> float:
    """Return how many people the reviewing of one day takes.

    Parameters
    ----------
    arrivals : float
        Items a day.
    review_share : float
        Share routed to review.
    handling : float
        Seconds an item.
    overlap : int
        Ratings of an item that is rated more than once.
    double_share : float
        Share of reviewed items that are.
    gold_rate, retest_rate : float
        Gold and retest items per live item.
    productive_hours : float
        Hours a person and day.
    utilisation : float
        Share of these that may be planned; above 0.85 queues grow fast.

    Returns
    -------
    float
        Full-time people.

    Raises
    ------
    ValueError
        If hours or utilisation are not above 0.

    Examples
    --------
    >>> people_needed(
    ...     arrivals=10_000, review_share=0.1, handling=90,
    ...     overlap=2, double_share=0.2, gold_rate=0.05,
    ... ).__round__(2)
    6.13
    """
    if productive_hours <= 0 or utilisation <= 0:
        raise ValueError("productive hours and utilisation must be above 0")
    ratings = 1 + double_share * (overlap - 1) + gold_rate + retest_rate
    hours = arrivals * review_share * ratings * handling / 3600
    return hours / (productive_hours * utilisation)
