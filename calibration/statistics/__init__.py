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
from calibration.statistics.alternative_annotator import (
    AlternativeAnnotator,
    RaterComparison,
    alternative_annotator_test,
    benjamini_yekutieli,
)
from calibration.statistics.bands import KRIPPENDORFF, LANDIS_KOCH, band, likely_band
from calibration.statistics.blinding import (
    bang_by_system,
    bang_index,
    gap_by_guess,
    james_index,
    left_right,
    right_guesses,
)
from calibration.statistics.bradley_terry import Strengths, fit_bradley_terry
from calibration.statistics.coefficients import Weights
from calibration.statistics.cohen import (
    cohen_kappa,
    mean_pairwise_kappa,
    pairwise_kappas,
)
from calibration.statistics.consensus import Consensus, majority, weighted_majority
from calibration.statistics.corrected import (
    PredictionPowered,
    prediction_powered,
    rogan_gladen,
)
from calibration.statistics.dawid_skene import DawidSkene, fit_dawid_skene
from calibration.statistics.disagreement import (
    Change,
    cases_to_tell,
    effective_cases,
    paired_change,
    pairs_to_tell,
    pass_hat_k,
    weighted_share,
)
from calibration.statistics.drift import (
    ControlChart,
    bernoulli_cusum,
    cusum_threshold,
    ewma,
)
from calibration.statistics.estimates import Estimate
from calibration.statistics.estimation import (
    Escapes,
    Stratum,
    TrafficRate,
    escapes,
    hajek,
    horvitz_thompson,
    neyman,
    stratified,
)
from calibration.statistics.gathering import DuplicateRating
from calibration.statistics.gold import (
    GoldRecord,
    LeakTest,
    SequentialTest,
    Verdict,
    gold_leak,
    gold_record,
)
from calibration.statistics.intervals import Resampling
from calibration.statistics.judge_bias import (
    SwapRecord,
    Threshold,
    guaranteed_threshold,
    length_bias,
    self_preference,
    swap_record,
)
from calibration.statistics.judges import JudgeRecord, judge_record
from calibration.statistics.leaning import retest_kappa, severity
from calibration.statistics.multilabel import (
    jaccard_distance,
    label_alphas,
    masi_distance,
    set_alpha,
)
from calibration.statistics.multirater import brennan_prediger, fleiss_kappa, gwet_ac
from calibration.statistics.planning import (
    Overloaded,
    Waiting,
    erlang_c,
    items_needed,
    people_needed,
)
from calibration.statistics.proportions import Limits, proportion, upper_limit
from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import Level, UnknownLabel, UnorderedScale
from calibration.statistics.signal_detection import (
    Detection,
    RateCorrection,
    detection,
    sensitivity,
)
from calibration.statistics.timing import Pace, fatigue, pace, relative_pace

__all__ = [
    "KRIPPENDORFF",
    "LANDIS_KOCH",
    "AlternativeAnnotator",
    "Change",
    "Consensus",
    "ControlChart",
    "DawidSkene",
    "Detection",
    "DuplicateRating",
    "Escapes",
    "Estimate",
    "GoldRecord",
    "JudgeRecord",
    "LeakTest",
    "Level",
    "Limits",
    "Overloaded",
    "Pace",
    "PredictionPowered",
    "RateCorrection",
    "RaterComparison",
    "RatingMatrix",
    "Resampling",
    "SequentialTest",
    "Stratum",
    "Strengths",
    "SwapRecord",
    "Threshold",
    "TrafficRate",
    "UnknownLabel",
    "UnorderedScale",
    "Verdict",
    "Waiting",
    "Weights",
    "alternative_annotator_test",
    "band",
    "bang_by_system",
    "bang_index",
    "benjamini_yekutieli",
    "bernoulli_cusum",
    "brennan_prediger",
    "cases_to_tell",
    "cohen_kappa",
    "confusion",
    "cusum_threshold",
    "detection",
    "effective_cases",
    "erlang_c",
    "escapes",
    "ewma",
    "fatigue",
    "fit_bradley_terry",
    "fit_dawid_skene",
    "fleiss_kappa",
    "gap_by_guess",
    "gold_leak",
    "gold_record",
    "guaranteed_threshold",
    "gwet_ac",
    "hajek",
    "horvitz_thompson",
    "items_needed",
    "jaccard_distance",
    "james_index",
    "judge_record",
    "krippendorff_alpha",
    "label_alphas",
    "left_right",
    "length_bias",
    "likely_band",
    "majority",
    "masi_distance",
    "mean_pairwise_kappa",
    "neyman",
    "pace",
    "paired_change",
    "pairs_to_tell",
    "pairwise_kappas",
    "pass_hat_k",
    "people_needed",
    "percent_agreement",
    "prediction_powered",
    "proportion",
    "relative_pace",
    "retest_kappa",
    "right_guesses",
    "rogan_gladen",
    "self_preference",
    "sensitivity",
    "set_alpha",
    "severity",
    "specific_agreement",
    "stratified",
    "swap_record",
    "upper_limit",
    "weighted_majority",
    "weighted_share",
]
