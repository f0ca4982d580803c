"""Agreement against published figures, invariances, and every undefined input."""

import numpy as np
import pytest

from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    UnknownLabel,
    UnorderedScale,
    Weights,
    brennan_prediger,
    cohen_kappa,
    confusion,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pairwise_kappa,
    pairwise_kappas,
    percent_agreement,
    specific_agreement,
)
from calibration.statistics import alpha as alpha_module
from tests.statistics import published
from tests.statistics.published import make_counted, make_matrix

table = RatingMatrix.from_table


def ordinal(cells: list[list[int]]) -> RatingMatrix:
    return table(cells, level=Level.ORDINAL)


def kappa(cells: list[list[int]], weights: Weights = Weights.NONE) -> Estimate:
    return cohen_kappa(ordinal(cells), 0, 1, weights=weights)


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        pytest.param(percent_agreement(table(published.F01)), 0.944, id="F01 po"),
        pytest.param(kappa(published.F01), -0.023392, id="F01 kappa"),
        pytest.param(gwet_ac(table(published.F01)), 0.940776, id="F01 AC1"),
        pytest.param(krippendorff_alpha(table(published.F01)), -0.024691, id="F01"),
        pytest.param(fleiss_kappa(table(published.F01)), -0.028807, id="F01 Scott"),
        pytest.param(brennan_prediger(table(published.F01)), 0.888, id="F01 PABAK"),
        pytest.param(kappa(published.F02), -0.016260, id="F02 kappa"),
        pytest.param(brennan_prediger(table(published.F02)), 0.90, id="F02 PABAK"),
        pytest.param(
            specific_agreement(table(published.F02), 0), 0.974359, id="F02 positive"
        ),
        pytest.param(specific_agreement(table(published.F02), 1), 0, id="F02 negative"),
        pytest.param(gwet_ac(table(published.F02)), 0.947438, id="F02 AC1"),
        pytest.param(kappa(published.F03), 0.4842, id="F03 kappa"),
        pytest.param(kappa(published.F03, Weights.LINEAR), 0.4701, id="F03 linear"),
        pytest.param(kappa(published.F04), 0.129330, id="F04 kappa"),
        pytest.param(kappa(published.F04, Weights.LINEAR), 0.237381, id="F04 linear"),
        pytest.param(kappa(published.F04, Weights.QUADRATIC), 0.332046, id="F04 quad"),
        pytest.param(percent_agreement(table(published.F05)), 0.89, id="F05 po"),
        pytest.param(kappa(published.F05), 0.7964094, id="F05 kappa"),
        pytest.param(fleiss_kappa(table(published.F05)), 0.7962397, id="F05 Scott"),
        pytest.param(gwet_ac(table(published.F05)), 0.8493305, id="F05 AC1"),
        pytest.param(brennan_prediger(table(published.F05)), 0.835, id="F05 BP"),
        pytest.param(krippendorff_alpha(table(published.F05)), 0.7972585, id="F05"),
        pytest.param(kappa(published.F05, Weights.QUADRATIC), 0.892157, id="F06 quad"),
        pytest.param(kappa(published.F05, Weights.LINEAR), 0.842902, id="F06 linear"),
        pytest.param(
            gwet_ac(ordinal(published.F05), weights=Weights.QUADRATIC),
            0.940237,
            id="F06 AC2 quadratic",
        ),
        pytest.param(
            gwet_ac(ordinal(published.F05), weights=Weights.LINEAR),
            0.900023,
            id="F06 AC2 linear",
        ),
        pytest.param(kappa(published.F07), 0.676471, id="F07 kappa"),
        pytest.param(gwet_ac(table(published.F07)), 0.867570, id="F07 AC1"),
        pytest.param(krippendorff_alpha(table(published.F07)), 0.676900, id="F07"),
        pytest.param(percent_agreement(table(published.ARTSTEIN)), 0.88, id="AP Ao"),
        pytest.param(fleiss_kappa(table(published.ARTSTEIN)), 0.79953, id="AP pi"),
        pytest.param(brennan_prediger(table(published.ARTSTEIN)), 0.82, id="AP S"),
        pytest.param(kappa([[20, 5], [10, 15]]), 0.4, id="Wikipedia 1"),
        pytest.param(kappa([[45, 15], [25, 15]]), 0.13, id="Wikipedia 2"),
        pytest.param(kappa([[25, 35], [5, 35]]), 0.26, id="Wikipedia 3"),
    ],
)
def test_two_raters_reproduce_the_published_figure(estimate: Estimate, expected):
    digits = max(len(str(expected).partition(".")[2]), 1)

    assert estimate.value == pytest.approx(expected, abs=0.5001 * 10**-digits)


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (fleiss_kappa(RatingMatrix.from_counts(published.F08)), 0.209931),
        (brennan_prediger(RatingMatrix.from_counts(published.F08)), 0.222527),
        (fleiss_kappa(RatingMatrix.from_counts(published.F08B)), 0.4302445),
        (fleiss_kappa(RatingMatrix.from_counts(published.F08C)), 0.4139265),
        (gwet_ac(RatingMatrix.from_counts(published.F08C)), 0.4448007),
        (krippendorff_alpha(RatingMatrix.from_counts(published.F08C)), 0.4204384),
        (brennan_prediger(RatingMatrix.from_counts(published.F08C)), 0.4388889),
        (percent_agreement(make_matrix(published.F09)), 0.8181818),
        (gwet_ac(make_matrix(published.F09)), 0.77544),
        (fleiss_kappa(make_matrix(published.F09)), 0.76117),
        (brennan_prediger(make_matrix(published.F09)), 0.77273),
    ],
)
def test_many_raters_reproduce_the_published_figure(estimate: Estimate, expected):
    digits = len(str(expected).partition(".")[2])

    assert estimate.value == pytest.approx(expected, abs=0.5001 * 10**-digits)


@pytest.mark.parametrize(
    ("raters", "level", "expected"),
    [
        (published.F09, Level.NOMINAL, 0.74342),
        (published.F10, Level.NOMINAL, 0.743421),
        (published.F10, Level.ORDINAL, 0.815388),
        (published.F10, Level.INTERVAL, 0.849107),
        (published.F10, Level.RATIO, 0.797403),
        (published.F11, Level.NOMINAL, 0.095238),
        (published.F11B, Level.NOMINAL, 0.691964),
        (published.F12, Level.NOMINAL, 0.691358),
        (published.F12, Level.INTERVAL, 0.810845),
        (published.RAW5, Level.NOMINAL, 0.480530),
        (published.RAW5, Level.ORDINAL, 0.768685),
        (published.RAW5, Level.INTERVAL, 0.771865),
        (published.ANXIETY, Level.NOMINAL, -0.023725),
        (published.ANXIETY, Level.ORDINAL, 0.228387),
        (published.ANXIETY, Level.INTERVAL, 0.170099),
    ],
)
@pytest.mark.parametrize("largest", [0, 10**9], ids=["own sums", "library"])
def test_alpha_reproduces_the_published_figure(
    raters, level, expected, largest, monkeypatch
):
    monkeypatch.setattr(alpha_module, "_LIBRARY_CELLS", largest)

    estimate = krippendorff_alpha(make_matrix(raters, level))

    assert estimate.value == pytest.approx(
        expected, abs=6e-7 if expected != 0.74342 else 5e-6
    )


def test_alpha_rests_on_pairable_ratings_only():
    estimate = krippendorff_alpha(make_matrix(published.F10))

    assert (estimate.n_items, estimate.n_ratings, estimate.n_raters) == (11, 40, 4)


def test_confusion_is_the_coincidence_matrix():
    coincidences = confusion(make_matrix(published.F10))

    assert coincidences[0, 0] == pytest.approx(7)
    assert coincidences[0, 1] == pytest.approx(4 / 3)
    assert coincidences[1, 1] == pytest.approx(10)
    assert coincidences.sum(axis=1) == pytest.approx([9, 13, 10, 5, 3])


def test_human_preferences_reproduce_the_published_kappas():
    votes = make_counted(published.PANDALM)

    kappas = [cohen_kappa(votes, *pair).value for pair in [(0, 1), (0, 2), (1, 2)]]

    assert kappas == pytest.approx([0.8520, 0.8789, 0.8617], abs=5e-5)
    assert mean_pairwise_kappa(votes).value == pytest.approx(0.864209, abs=5e-7)
    assert percent_agreement(votes).value == pytest.approx(0.919920, abs=5e-7)
    assert krippendorff_alpha(votes).value == pytest.approx(0.864221, abs=5e-7)
    assert fleiss_kappa(votes).value == pytest.approx(0.864175, abs=5e-7)
    assert gwet_ac(votes).value == pytest.approx(0.886445, abs=5e-7)


def test_gappy_answers_reproduce_the_reference_figures():
    votes = make_counted(published.XSUM)

    kappas = [cohen_kappa(votes, *pair).value for pair in [(0, 1), (0, 2), (1, 2)]]

    assert kappas == pytest.approx([0.781766, 0.778542, 0.762235], abs=5e-7)
    assert krippendorff_alpha(votes).value == pytest.approx(0.773606, abs=5e-7)
    assert fleiss_kappa(votes).value == pytest.approx(0.773170, abs=5e-7)
    assert gwet_ac(votes).value == pytest.approx(0.947672, abs=5e-7)
    assert brennan_prediger(votes).value == pytest.approx(0.914962, abs=5e-7)


def test_fleiss_kappa_says_when_numbers_of_ratings_differ():
    assert "unequal" in fleiss_kappa(make_matrix(published.F09)).method
    assert "unequal" not in fleiss_kappa(make_matrix(published.F11)).method


def test_quadratic_kappa_depends_on_values_nobody_used():
    short = RatingMatrix.from_table(published.F03, level=Level.ORDINAL)
    rows = [
        (item, rater, int(label))
        for item, pair in enumerate(short.codes)
        for rater, label in enumerate(pair)
    ]
    spread = [(item, rater, {2: 3}.get(label, label)) for item, rater, label in rows]
    whole = RatingMatrix.from_triples(spread, domain=range(5), level=Level.ORDINAL)

    found = cohen_kappa(whole, 0, 1, weights=Weights.QUADRATIC).value

    assert found != pytest.approx(
        cohen_kappa(short, 0, 1, weights=Weights.QUADRATIC).value
    )


MULTIRATER = [
    percent_agreement,
    krippendorff_alpha,
    mean_pairwise_kappa,
    fleiss_kappa,
    brennan_prediger,
    gwet_ac,
]


@pytest.mark.parametrize("coefficient", MULTIRATER)
def test_no_ratings_at_all_is_undefined(coefficient):
    estimate = coefficient(RatingMatrix.from_triples([], domain=["no", "yes"]))

    assert estimate.value is None
    assert estimate.reason


@pytest.mark.parametrize("coefficient", MULTIRATER)
def test_single_ratings_are_undefined(coefficient):
    rows = [("i1", "ann", "yes"), ("i2", "bob", "no")]

    estimate = coefficient(RatingMatrix.from_triples(rows))

    assert estimate.value is None
    assert estimate.reason


@pytest.mark.parametrize("coefficient", MULTIRATER[1:])
def test_one_value_on_a_scale_of_one_is_undefined(coefficient):
    rows = [(item, rater, "yes") for item in range(5) for rater in "ab"]

    estimate = coefficient(RatingMatrix.from_triples(rows))

    assert estimate.value is None
    assert estimate.reason


@pytest.mark.parametrize(
    "coefficient", [krippendorff_alpha, mean_pairwise_kappa, fleiss_kappa]
)
def test_one_value_used_is_undefined(coefficient):
    estimate = coefficient(table([[10, 0], [0, 0]]))

    assert estimate.value is None
    assert estimate.reason


def test_one_value_used_is_full_agreement_to_gwet():
    assert gwet_ac(table([[10, 0], [0, 0]])).value == 1
    assert brennan_prediger(table([[10, 0], [0, 0]])).value == 1


def test_a_constant_rater_gives_kappa_zero():
    votes = table([[6, 0], [4, 0]])

    assert cohen_kappa(votes, 0, 1).value == 0
    assert gwet_ac(votes).value == pytest.approx(0.4118, abs=5e-5)


def test_kappa_without_shared_items_is_undefined():
    rows = [(1, "a", "x"), (2, "b", "y"), (1, "c", "x"), (2, "c", "y")]

    estimate = cohen_kappa(RatingMatrix.from_triples(rows), "a", "b")

    assert estimate.value is None
    assert estimate.reason == "the two raters share no item"


def test_mean_kappa_says_which_pairs_it_leaves_out():
    rows = [(1, "a", "x"), (1, "c", "x"), (2, "c", "y"), (2, "a", "y"), (3, "b", "x")]

    estimate = mean_pairwise_kappa(RatingMatrix.from_triples(rows))

    assert estimate.value == 1
    assert estimate.reason == "2 of 3 pairs have no kappa and are left out"


def test_agreement_on_an_unused_label_is_undefined():
    estimate = specific_agreement(table([[10, 0], [0, 0]]), 1)

    assert estimate.value is None
    assert estimate.reason


def test_agreement_on_an_unknown_label_is_refused():
    with pytest.raises(UnknownLabel, match="maybe"):
        specific_agreement(table([[1, 0], [0, 1]]), "maybe")


@pytest.mark.parametrize(
    "coefficient", [gwet_ac, brennan_prediger, mean_pairwise_kappa]
)
def test_weights_on_a_nominal_scale_are_refused(coefficient):
    with pytest.raises(UnorderedScale, match="quadratic"):
        coefficient(table([[1, 0], [0, 1]]), weights=Weights.QUADRATIC)


def test_kappa_of_an_unknown_rater_is_refused():
    with pytest.raises(ValueError, match="no rater 'zoe'"):
        cohen_kappa(table([[1, 0], [0, 1]]), 0, "zoe")


@pytest.mark.parametrize("weights", list(Weights))
def test_kappas_of_very_many_pairs_are_those_of_each_pair(weights):
    rng = np.random.default_rng(3)
    codes = rng.integers(-1, 3, (40, 22))
    codes[:20, 0], codes[20:, 1] = -1, -1
    codes[:, 2:4] = 1
    votes = RatingMatrix.from_codes(codes, domain=range(3), level=Level.ORDINAL)

    found = pairwise_kappas(votes, weights=weights)

    assert len(found) == 231
    for first, second, kappa in found:
        alone = cohen_kappa(votes, first, second, weights=weights)
        assert kappa.value == pytest.approx(alone.value, abs=1e-12)
        assert (kappa.n_items, kappa.method) == (alone.n_items, alone.method)
        if alone.value is None:
            assert kappa.reason == alone.reason


def test_kappa_on_a_scale_too_long_to_resample_has_no_interval():
    codes = np.column_stack([np.arange(400), np.arange(400)[::-1]])
    votes = RatingMatrix.from_codes(codes, domain=range(400), level=Level.INTERVAL)

    kappa = cohen_kappa(votes, 0, 1, weights=Weights.QUADRATIC, resampling=Resampling())

    assert kappa.value == pytest.approx(-1)
    assert kappa.low is None
    assert kappa.reason is not None
    assert kappa.reason.startswith("no interval: too many values (400)")
