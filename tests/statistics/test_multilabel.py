"""Sets of labels: distances and alphas."""

from typing import Any

import krippendorff
import numpy as np
import pytest

from calibration.statistics import (
    DuplicateRating,
    Resampling,
    jaccard_distance,
    label_alphas,
    masi_distance,
    set_alpha,
)


@pytest.mark.parametrize(
    ("first", "second", "masi", "jaccard"),
    [
        ({1, 2}, {1, 2, 3, 4}, 0.666667, 0.5),
        ({1, 2}, {2, 3}, 0.888889, 0.666667),
        ({1}, {2}, 1, 1),
        ({1}, {1}, 0, 0),
        (set(), set(), 0, 0),
        (set(), {1}, 1, 1),
    ],
)
def test_distances_of_sets(first, second, masi, jaccard):
    pair = frozenset(first), frozenset(second)

    assert masi_distance(*pair) == pytest.approx(masi, abs=5e-7)
    assert jaccard_distance(*pair) == pytest.approx(jaccard, abs=5e-7)


def make_votes(seed: int = 1) -> list[tuple[int, str, frozenset[str]]]:
    rng = np.random.default_rng(seed)
    truth = rng.random((60, 3)) < 0.5
    return [
        (item, rater, frozenset(np.array(list("xyz"))[row ^ (rng.random(3) < 0.1)]))
        for item, row in enumerate(truth)
        for rater in "ab"
    ]


def test_alpha_of_sets_is_that_of_the_library_with_the_same_distance():
    votes = make_votes()
    sets = sorted({labels for _, _, labels in votes}, key=sorted)
    code = {labels: place for place, labels in enumerate(sets)}
    data = np.array(
        [[code[labels] for _, rater, labels in votes if rater == who] for who in "ab"]
    )

    table = np.array([[masi_distance(one, two) for two in sets] for one in sets])
    metric: Any = lambda v1, v2, **_: table  # noqa: E731

    found = set_alpha(votes)

    expected = krippendorff.alpha(
        data, level_of_measurement=metric, value_domain=np.arange(len(sets))
    )
    assert found.value == pytest.approx(expected)
    assert found.method == "Krippendorff's alpha of sets (masi)"


def test_alpha_of_sets_has_an_interval_in_any_order_of_rows():
    votes = make_votes()

    forwards = set_alpha(votes, resampling=Resampling(seed=3))
    backwards = set_alpha(votes[::-1], resampling=Resampling(seed=3))

    assert forwards == backwards
    assert forwards.low is not None


def test_one_alpha_a_label_names_the_label_that_divides():
    votes = [
        *(
            (item, rater, {"x"} if item % 2 else {"z"})
            for item in range(20)
            for rater in "ab"
        ),
        (20, "a", {"x", "y"}),
        (20, "b", {"x"}),
    ]

    found = label_alphas(votes)

    assert list(found) == ["x", "y", "z"]
    assert found["x"].value == 1
    assert found["y"].value == pytest.approx(0)


@pytest.mark.parametrize(
    "votes",
    [
        [],
        [(1, "a", {"x"}), (2, "b", {"x"})],
        [(1, "a", {"x"}), (1, "b", {"x"})],
    ],
    ids=["no ratings", "single ratings", "one set"],
)
def test_alpha_of_sets_is_undefined(votes):
    found = set_alpha(votes)

    assert found.value is None
    assert found.reason


def test_a_second_set_by_one_rater_is_refused():
    with pytest.raises(DuplicateRating):
        set_alpha([(1, "a", {"x"}), (1, "a", {"y"})])
