"""Agreement, consensus, reviewers, judges, estimation and blinding, in numbers.

A pure library: NumPy in, dataclasses out; no database, no clock, no global random
state. Every figure is an `Estimate`; an undefined one is `None` with its reason.
"""

from calibration.statistics.agreement import (
    confusion,
    percent_agreement,
    specific_agreement,
)
from calibration.statistics.alpha import krippendorff_alpha
from calibration.statistics.coefficients import Weights
from calibration.statistics.cohen import cohen_kappa, mean_pairwise_kappa
from calibration.statistics.estimates import Estimate
from calibration.statistics.intervals import Resampling
from calibration.statistics.multirater import brennan_prediger, fleiss_kappa, gwet_ac
from calibration.statistics.ratings import (
    DuplicateRating,
    RatingMatrix,
)
from calibration.statistics.scales import Level, UnknownLabel, UnorderedScale

__all__ = [
    "DuplicateRating",
    "Estimate",
    "Level",
    "RatingMatrix",
    "Resampling",
    "UnknownLabel",
    "UnorderedScale",
    "Weights",
    "brennan_prediger",
    "cohen_kappa",
    "confusion",
    "fleiss_kappa",
    "gwet_ac",
    "krippendorff_alpha",
    "mean_pairwise_kappa",
    "percent_agreement",
    "specific_agreement",
]
