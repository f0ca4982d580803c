"""The rating matrix: what it accepts, what it refuses, and in which words."""

import math
import tracemalloc
from itertools import repeat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.statistics import (
    DuplicateRating,
    Estimate,
    Level,
    RatingMatrix,
    UnknownLabel,
    UnorderedScale,
)
from calibration.statistics.patterns import distinct_rows


def test_rows_may_come_in_any_order():
    rows = [("i2", "b", "no"), ("i1", "a", "yes"), ("i1", "b", "no")]

    forwards = RatingMatrix.from_triples(rows)
    backwards = RatingMatrix.from_triples(reversed(rows))

    assert forwards.items == backwards.items == ("i1", "i2")
    assert forwards.codes.tolist() == backwards.codes.tolist() == [[1, 0], [-1, 0]]


def test_a_second_rating_by_one_rater_is_refused():
    rows = [("i1", "ann", "yes"), ("i1", "ann", "yes")]

    with pytest.raises(DuplicateRating, match="rater 'ann' rated item 'i1' twice"):
        RatingMatrix.from_triples(rows)


def test_items_one_after_the_other_make_the_same_matrix_without_their_names():
    rated = [[("b", "no"), ("a", "yes")], [("b", "no")], []]

    matrix = RatingMatrix.from_items(rated, domain=["no", "yes"])

    assert matrix.codes.tolist() == [[1, 0], [-1, 0], [-1, -1]]
    assert (matrix.raters, list(matrix.items)) == (("a", "b"), [0, 1, 2])


def test_an_item_that_one_rater_rates_twice_is_refused_by_its_number():
    rated = [[("ann", "yes")], [("ann", "yes"), ("ann", "no")]]

    with pytest.raises(DuplicateRating, match="rater 'ann' rated item 1 twice"):
        RatingMatrix.from_items(rated)


def test_a_rating_takes_a_few_bytes_however_many_there_are():
    given = [("ann", "good"), ("bob", "fair")]

    tracemalloc.start()
    matrix = RatingMatrix.from_items(repeat(given, 50_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert matrix.n_ratings == 100_000
    assert peak < 60 * matrix.n_ratings


def test_a_label_off_the_scale_is_refused():
    rows = [("i1", "ann", "maybe")]

    with pytest.raises(UnknownLabel, match=r"'maybe' of item 'i1'.*scale: no, yes"):
        RatingMatrix.from_triples(rows, domain=["no", "yes"])


@pytest.mark.parametrize("label", ["high", "nan", "inf", None, math.nan])
def test_an_interval_scale_refuses_what_is_no_number(label):
    with pytest.raises(UnknownLabel, match="not a number"):
        RatingMatrix.from_triples([("i1", "ann", label)], level=Level.INTERVAL)


def test_no_label_is_not_a_label():
    with pytest.raises(UnknownLabel, match="None of item 'i1'"):
        RatingMatrix.from_triples([("i1", "ann", None), ("i1", "bob", "yes")])


def test_a_ratio_scale_refuses_negative_values():
    with pytest.raises(ValueError, match="ratio scale starts at zero"):
        RatingMatrix.from_triples([("i1", "ann", -1)], level=Level.RATIO)


def test_an_ordinal_scale_of_words_needs_its_order():
    with pytest.raises(UnorderedScale, match="labels found: high, low"):
        RatingMatrix.from_triples(
            [("i1", "ann", "low"), ("i1", "bob", "high")], level=Level.ORDINAL
        )


def test_an_ordinal_scale_of_numbers_has_its_order():
    rows = [("i1", "ann", "10"), ("i1", "bob", "9")]

    matrix = RatingMatrix.from_triples(rows, level=Level.ORDINAL)

    assert matrix.domain == ("9", "10")


def test_numbers_written_differently_are_one_value_of_an_interval_scale():
    rows = [("i1", "ann", "1"), ("i1", "bob", "1.0"), ("i2", "ann", "2")]

    matrix = RatingMatrix.from_triples(rows, level=Level.INTERVAL)

    assert matrix.domain == (1.0, 2.0)


@pytest.mark.parametrize(
    ("codes", "message"),
    [([0, 1], "1 dimensions"), ([[0, 2]], "-1 .missing. to 1"), ([[-2, 0]], "-1")],
)
def test_codes_that_do_not_fit_are_refused(codes, message):
    with pytest.raises(ValueError, match=message):
        RatingMatrix.from_codes(codes, domain=["no", "yes"])


def test_a_scale_that_names_a_label_twice_is_refused():
    with pytest.raises(ValueError, match="label twice: no, no"):
        RatingMatrix.from_codes([[0, 0]], domain=["no", "no"])


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(-1, 2000), min_size=width, max_size=width), min_size=1
        )
    )
)
@settings(deadline=None)
def test_distinct_rows_are_those_of_numpy(rows):
    matrix = np.array(rows, dtype=np.int32)

    distinct, index = distinct_rows(matrix)

    assert distinct.tolist() == np.unique(matrix, axis=0).tolist()
    assert distinct[index].tolist() == rows


def test_distinct_rows_may_be_wider_than_one_integer_can_hold():
    matrix = np.random.default_rng(1).integers(-1, 2000, (50, 40), dtype=np.int32)
    twice = np.vstack([matrix, matrix])

    distinct, index = distinct_rows(twice)

    assert sorted(distinct.tolist()) == sorted(matrix.tolist())
    assert distinct[index].tolist() == twice.tolist()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": math.nan}, "value is nan"),
        ({"value": None}, "needs its reason"),
        ({"value": 0.5, "low": 0.4}, "two limits or none"),
        ({"value": 0.5, "low": 0.4, "high": math.inf}, "high is inf"),
    ],
)
def test_an_estimate_refuses_what_is_no_figure(fields, message):
    with pytest.raises(ValueError, match=message):
        Estimate(n_items=1, n_ratings=2, n_raters=2, method="kappa", **fields)
