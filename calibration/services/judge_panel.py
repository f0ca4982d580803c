"""Judges on trial: each beside the people who judged the same items."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from calibration.formats.agreement import figure
from calibration.formats.figures import describe
from calibration.formats.judges import Judge, Terms, read_terms
from calibration.queries.criteria import Scale, ScaledVersion, get_version
from calibration.queries.judge_terms import find_judge_terms
from calibration.queries.ratings import stream_ratings
from calibration.queries.verdicts import (
    Verdict,
    stream_decided,
    stream_verdicts,
    stream_written,
)
from calibration.services.judge_biases import measure_biases
from calibration.services.judged_rate import estimate_rate
from calibration.services.rarity import RESAMPLING
from calibration.statistics import (
    JudgeRecord,
    Level,
    RatingMatrix,
    Weights,
    alternative_annotator_test,
    cohen_kappa,
    judge_record,
    krippendorff_alpha,
    mean_pairwise_kappa,
)
from calibration.statistics.judges import judged_codes
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

NO_TERMS = read_terms({})
# A space is in no handle: nobody else has that name.
AS_RATER = "the judge"
# People beside whom the judge is put one by one.
MOST_PEOPLE = 30


def measure_judges(queue: QueueFacts) -> Json:
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in stream_verdicts(queue):
        verdicts[verdict.judge].append(verdict)
    terms = find_judge_terms(queue.id) or NO_TERMS
    known = {name for one in terms.judges for name in (one.name, one.swapped)}
    version = get_version(queue.rubric_version_id)
    return {
        "bars": {"gate": terms.gate, "triage": terms.triage},
        "epsilon": terms.epsilon,
        "judges": [
            _measure(queue, version, terms, judge, verdicts) for judge in terms.judges
        ],
        # Judges that speak of these items and that nobody has said how to read.
        "unread": [
            {"judge": name, "n_items": len(verdicts[name])}
            for name in sorted(verdicts.keys() - known)
        ],
    }


def _measure(
    queue: QueueFacts,
    version: ScaledVersion,
    terms: Terms,
    judge: Judge,
    all_verdicts: Mapping[str, list[Verdict]],
) -> Json:
    verdicts = all_verdicts[judge.name]
    # The rubric may have changed since the file was applied.
    scale = next((one for one in version.rated if one.key == judge.criterion), None)
    words = {option: word for word, own in judge.verdicts.items() for option in own}
    readable = [one for one in verdicts if one.word in judge.verdicts]
    about = {
        "judge": judge.name,
        "criterion": scale.title if scale else judge.criterion,
        "n_verdicts": len(verdicts),
        "n_unreadable": len(verdicts) - len(readable),
        "words": {word: list(own) for word, own in judge.verdicts.items()},
    }
    if scale is None or set(words) != set(scale.values):
        return about | {"fault": "the rubric has changed: apply a new judges file"}
    matrix, level = _matrix(queue, version, scale, words)
    said = _words(judge, verdicts)
    weights = Weights.NONE if level is Level.NOMINAL else Weights.QUADRATIC
    record = judge_record(matrix, said, weights=weights, resampling=RESAMPLING)
    people = _decided(queue, version, judge, words)
    rated = set(matrix.items)
    return (
        about
        | {"fault": None, "n_judged": sum(one.item in rated for one in readable)}
        | _describe_record(record)
        | {"outcome": judge_outcome(record, terms), "weights": str(weights)}
        | _as_a_person(matrix, said, weights)
        | _alternative(matrix, said, terms.epsilon)
        | {
            "rate": _rate(judge, people, readable),
            "biases": measure_biases(
                judge,
                is_pairwise=scale.level == "pairwise",
                said=said,
                swapped=_words(judge, all_verdicts[judge.swapped]),
                people=people,
                written=stream_written(queue),
            ),
        }
    )


def _words(judge: Judge, verdicts: Iterable[Verdict]) -> dict[str, str]:
    """By item; words that nobody explained are left out."""
    return {one.item: one.word for one in verdicts if one.word in judge.verdicts}


def _decided(
    queue: QueueFacts, version: ScaledVersion, judge: Judge, words: Mapping[str, str]
) -> dict[str, str]:
    """What people settled on, in the words of the judge."""
    return {
        item: words[str(value)]
        for _, item, value in stream_decided(queue, version, judge.criterion)
    }


def _matrix(
    queue: QueueFacts, version: ScaledVersion, scale: Scale, words: Mapping[str, str]
) -> tuple[RatingMatrix, Level]:
    """The people's ratings in the words of the judge."""
    domain = tuple(dict.fromkeys(words[value] for value in scale.values))
    level = Level(scale.alpha_level) if len(domain) > 2 else Level.NOMINAL
    triples = stream_ratings(
        queue_id=queue.id, version_id=version.id, criterion_id=scale.criterion_id
    )
    return RatingMatrix.from_triples(
        ((item, rater, words[value]) for item, rater, value in triples),
        domain=domain,
        level=level,
    ), level


def _describe_record(record: JudgeRecord) -> Json:
    return {
        "accuracy": describe(record.accuracy),
        "kappa": describe(record.kappa),
        "alpha": describe(record.alpha),
        "human_kappa": describe(record.human_kappa),
        "human_alpha": describe(record.human_alpha),
        "ties_left_out": record.ties_left_out,
    }


def judge_outcome(record: JudgeRecord, terms: Terms) -> Json:
    """What the judge may be used for, read on the lower limit of its kappa."""
    low, high = record.kappa.low, record.kappa.high
    humans = record.human_kappa.value
    if record.kappa.value is None or low is None or high is None:
        why = record.kappa.reason or "no interval"
        return _outcome("bad", "Cannot be said", f"kappa is not known: {why}")
    at = f"kappa with the majority is at least {figure(low)}"
    gate, triage = figure(terms.gate), figure(terms.triage)
    if low >= terms.gate:
        return _outcome("good", "Gate candidate", f"{at}; the bar is {gate}")
    if low >= terms.triage:
        return _outcome("warn", "Triage only", f"{at}; a gate asks for {gate}")
    if humans is not None and humans < terms.triage:
        return _outcome(
            "bad",
            "Rubric broken",
            f"people agree among themselves at {figure(humans)} only, under"
            f" {triage}: no judge can be held against that",
        )
    if high < terms.triage:
        return _outcome(
            "bad",
            "Rubric broken",
            f"kappa is at most {figure(high)}, under {triage}: this judge and"
            " the people do not answer the same question",
        )
    return _outcome(
        "bad",
        "Not proven",
        f"kappa may be as low as {figure(low)}, under {triage}: not even for"
        " triage before more items are judged",
    )


def _outcome(tone: str, word: str, why: str) -> Json:
    return {"tone": tone, "word": word, "why": why, "may_triage": tone != "bad"}


def _as_a_person(
    matrix: RatingMatrix, said: Mapping[str, str], weights: Weights
) -> Json:
    """The judge beside each person, and as one more of them, on the items it judged."""
    codes = judged_codes(matrix, said)
    is_in = codes >= 0
    items = [one for one, kept in zip(matrix.items, is_in, strict=True) if kept]
    joined = RatingMatrix(
        np.column_stack([matrix.codes, codes]).astype(np.int32)[is_in],
        items,
        (*matrix.raters, AS_RATER),
        matrix.domain,
        matrix.level,
    )
    return {
        "joined_kappa": describe(
            mean_pairwise_kappa(joined, weights=weights, resampling=RESAMPLING)
        ),
        "joined_alpha": describe(krippendorff_alpha(joined, resampling=RESAMPLING)),
        "with_each": [
            {"rater": str(rater)}
            | describe(
                cohen_kappa(
                    joined, rater, AS_RATER, weights=weights, resampling=RESAMPLING
                )
            )
            for rater in matrix.raters[:MOST_PEOPLE]
        ],
    }


def _alternative(matrix: RatingMatrix, said: Mapping[str, str], epsilon: float) -> Json:
    found = alternative_annotator_test(matrix, said, epsilon=epsilon)
    return {
        "alternative": {
            "omega": found.omega,
            "rho": found.rho,
            "passes": found.passes,
            "reason": found.reason,
            "skipped": [str(rater) for rater in found.skipped_raters],
            "compared": [
                {
                    "rater": str(one.rater),
                    "n_items": one.n_items,
                    "judge": one.judge_advantage,
                    "human": one.human_advantage,
                    "p": one.p_value,
                    "is_no_worse": one.is_rejected,
                }
                for one in found.comparisons
            ],
        }
    }


def _rate(
    judge: Judge, people: Mapping[str, str], verdicts: Iterable[Verdict]
) -> Json | None:
    """How often items fail, from all verdicts, corrected by the people's labels."""
    if not judge.fails:
        return None
    labels = {item: word in judge.fails for item, word in people.items()}
    return estimate_rate([(one, one.word in judge.fails) for one in verdicts], labels)
