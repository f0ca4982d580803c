"""Scales: what labels there are, in which order, and how they compare."""

import math
from collections.abc import Hashable, Iterable
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """Level of measurement of a scale (Stevens 1946)."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"

    @property
    def is_numeric(self) -> bool:
        """Whether distances between values are meaningful."""
        return self in (Level.INTERVAL, Level.RATIO)

    @property
    def is_ordered(self) -> bool:
        """Whether values have an order."""
        return self is not Level.NOMINAL


class UnknownLabel(ValueError):
    """A rating is not on the scale."""


class UnorderedScale(ValueError):
    """An order, or numbers, were needed and not given."""


def scale_of(
    labels: Iterable[Any], level: Level, domain: Iterable[Hashable] | None = None
) -> tuple[Any, ...]:
    """Return the scale given, or the one that the labels make.

    Parameters
    ----------
    labels : iterable
        The labels found; looked at only where no domain is given.
    level : Level
        Interval and ratio scales become numbers.
    domain : iterable of label, optional
        The whole scale in its order.

    Returns
    -------
    tuple
        The labels in their order: numeric ones in numeric order, others by name.

    Raises
    ------
    UnorderedScale
        If the level is ordinal, no domain is given and the labels are not numbers.
    ValueError
        If a value of a numeric domain is not a finite number.

    Examples
    --------
    >>> scale_of(["10", "9", "9"], Level.ORDINAL)
    ('9', '10')
    """
    if domain is not None:
        return tuple(map(finite, domain)) if level.is_numeric else tuple(domain)
    found = set(labels) - {None}
    try:
        return tuple(sorted(found, key=lambda label: (finite(label), str(label))))
    except (TypeError, ValueError):
        if level is Level.ORDINAL:
            raise UnorderedScale(
                "an ordinal scale needs its order; labels found: "
                + listed(sorted(found, key=str))
            ) from None
    return tuple(sorted(found, key=str))


def finite(label: Any) -> float:
    """Read a label as a finite number.

    Parameters
    ----------
    label : number or str
        What may be one.

    Returns
    -------
    float
        Its value.

    Raises
    ------
    ValueError
        If it is text that is no number, infinite or NaN.
    TypeError
        If it is neither text nor number.

    Examples
    --------
    >>> finite("2.50")
    2.5
    """
    number = float(label)
    if not math.isfinite(number):
        raise ValueError(f"{label!r} is not a finite number")
    return number


def listed(labels: Iterable[Any]) -> str:
    """Write labels in a row, for messages.

    Parameters
    ----------
    labels : iterable
        Labels.

    Returns
    -------
    str
        Joined by commas.

    Examples
    --------
    >>> listed(["pass", "fail"])
    'pass, fail'
    """
    return ", ".join(str(label) for label in labels)
