"""Consensus labels against the published fits, ties, and thin overlap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.statistics import (
    Consensus,
    RatingMatrix,
    fit_bradley_terry,
    fit_dawid_skene,
    majority,
    weighted_majority,
)
from tests.statistics import published
from tests.statistics.published import make_counted

PERSONS = {"1 again": "1", "1 once more": "1"}


def make_anaesthetists() -> RatingMatrix:
    return RatingMatrix.from_triples(
        (patient, observer, int(answer))
        for observer, answers in published.ANAESTHETISTS.items()
        for patient, answer in enumerate(answers)
    )


def test_the_fit_of_dawid_and_skene_is_reproduced():
    fit = fit_dawid_skene(make_anaesthetists(), persons=PERSONS, smoothing=0)

    assert fit.prior == pytest.approx([0.3996, 0.4220, 0.1118, 0.0667], abs=5e-5)
    assert fit.log_likelihood == pytest.approx(-192.891, abs=5e-4)
    assert fit.confusion["1"][0] == pytest.approx([0.889, 0.111, 0, 0], abs=6e-4)
    assert fit.has_converged


def test_repeats_taken_for_other_raters_give_the_other_known_fit():
    fit = fit_dawid_skene(make_anaesthetists(), smoothing=0)

    assert fit.prior == pytest.approx([0.4222, 0.4005, 0.1106, 0.0667], abs=5e-5)
    assert fit.log_likelihood == pytest.approx(-184.34485, abs=5e-4)


def test_the_majority_agrees_with_the_fit_on_42_of_45_patients():
    matrix = make_anaesthetists()

    fitted = fit_dawid_skene(matrix, persons=PERSONS, smoothing=0).consensus.labels
    voted = majority(matrix).labels

    assert sum(one == other for one, other in zip(fitted, voted, strict=True)) == 42


def test_a_likelier_fit_elsewhere_is_told():
    fit = fit_dawid_skene(make_anaesthetists(), smoothing=0)

    assert any("another start fits better" in text for text in fit.consensus.warnings)


def test_thin_overlap_is_told():
    fit = fit_dawid_skene(make_counted(published.PANDALM))

    assert any("thin overlap: 3.0 ratings" in text for text in fit.consensus.warnings)
    assert fit.log_likelihood == pytest.approx(-1507.927, abs=0.05)


def test_few_ratings_by_a_rater_are_told():
    fit = fit_dawid_skene(make_anaesthetists())

    assert any("7 of 7 raters gave fewer" in text for text in fit.consensus.warnings)


@pytest.mark.parametrize(
    "consensus",
    [
        majority,
        lambda matrix: weighted_majority(matrix, {}, default=0.8),
        lambda matrix: fit_dawid_skene(matrix).consensus,
    ],
)
def test_human_preferences_have_the_published_majorities(consensus):
    labels = consensus(make_counted(published.PANDALM)).labels

    assert [labels.count(label) for label in "ABT"] == [422, 472, 105]


def test_a_tie_has_no_label():
    found = majority(RatingMatrix.from_counts([[1, 1], [2, 1]]))

    assert found.labels == [None, 0]
    assert found.support.tolist() == [0, 2]
    assert found.confidence == [None, pytest.approx(2 / 3)]


def test_an_item_without_ratings_has_no_label():
    empty = RatingMatrix.from_codes([[-1, -1], [0, 0]], domain=["no", "yes"])

    for found in (majority(empty), fit_dawid_skene(empty).consensus):
        assert found.labels == [None, "no"]
        assert np.isnan(found.posterior[0]).all()


def test_no_ratings_give_an_empty_consensus():
    nothing = RatingMatrix.from_triples([], domain=["no", "yes"])

    assert majority(nothing).labels == []
    assert fit_dawid_skene(nothing).consensus.labels == []


def test_a_better_record_on_gold_outweighs_two_weak_votes():
    votes = RatingMatrix.from_codes([[0, 1, 1]], domain=["no", "yes"])

    found = weighted_majority(votes, {0: 0.95, 1: 0.7, 2: 0.7}, default=0.8)

    odds = (0.95 / 0.05) / (0.7 / 0.3) ** 2
    assert found.labels == ["no"]
    assert found.confidence == [pytest.approx(odds / (1 + odds))]
    assert found.support.tolist() == [1]


def test_a_rater_no_better_than_chance_has_no_weight():
    votes = RatingMatrix.from_codes([[0, 1]], domain=["no", "yes"])

    assert weighted_majority(votes, {0: 0.3, 1: 0.6}, default=0.8).labels == ["yes"]


def test_equal_records_on_a_split_vote_have_no_label():
    votes = RatingMatrix.from_codes([[0, 1]], domain=["no", "yes"])

    assert weighted_majority(votes, {}, default=0.8).labels == [None]


def test_an_accuracy_that_is_no_share_is_refused():
    votes = RatingMatrix.from_codes([[0, 1]], domain=["no", "yes"])

    with pytest.raises(ValueError, match="between 0 and 1"):
        weighted_majority(votes, {0: 95.0}, default=0.8)


def quick_fit(matrix: RatingMatrix) -> Consensus:
    return fit_dawid_skene(matrix, starts=2, most_iterations=50).consensus


ratings = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("abcd"), st.sampled_from("xy")),
    unique_by=lambda row: row[:2],
    max_size=40,
)


@given(ratings, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_of_rows_changes_no_label(rows, random):
    shuffled = random.sample(rows, len(rows))

    for consensus in (majority, quick_fit):
        first = consensus(RatingMatrix.from_triples(rows, domain="xy"))
        second = consensus(RatingMatrix.from_triples(shuffled, domain="xy"))
        assert first.labels == second.labels
        assert first.confidence == second.confidence


def test_strengths_of_teams_are_reproduced():
    found = fit_bradley_terry(published.F14_TEAMS, published.F14)

    assert found.log_strength is not None
    relative = found.log_strength - found.log_strength[-1]
    assert relative == pytest.approx(
        [1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0], abs=6e-5
    )


def test_ties_fit_what_was_seen():
    ties = [[0, 4], [4, 0]]

    found = fit_bradley_terry("ab", [[0, 6], [2, 0]], ties)

    assert found.beats(0, 1) == pytest.approx(6 / 12, abs=1e-6)
    assert found.beats(1, 0) == pytest.approx(2 / 12, abs=1e-6)


@pytest.mark.parametrize(
    "wins",
    [[[0, 5], [0, 0]], [[0, 0], [0, 0]], [[0, 1, 0], [1, 0, 0], [0, 0, 0]]],
    ids=["won all", "never met", "one apart"],
)
def test_rivals_that_cannot_be_compared_have_no_strengths(wins):
    found = fit_bradley_terry(range(len(wins)), wins)

    assert found.log_strength is None
    assert found.reason
    assert found.beats(0, 1) is None


def test_half_a_pseudo_win_keeps_a_winner_of_all_finite():
    found = fit_bradley_terry("ab", [[0, 5], [0, 0]], pseudo_wins=0.5)

    assert found.beats(0, 1) == pytest.approx(5.5 / 6, abs=1e-6)


@pytest.mark.parametrize(
    ("wins", "ties", "message"),
    [
        ([[0, 1]], None, "shape"),
        ([[0, -1], [1, 0]], None, "negative"),
        ([[0, 1], [1, 0]], [[0, 1], [2, 0]], "both sides"),
    ],
)
def test_impossible_records_of_games_are_refused(wins, ties, message):
    with pytest.raises(ValueError, match=message):
        fit_bradley_terry("ab", wins, ties)
