"""Words for coefficients."""

import pytest

from calibration.statistics import KRIPPENDORFF, band, likely_band


def test_the_published_benchmark_is_moderate_and_not_substantial():
    assert likely_band(0.775, 0.143) == "moderate"


def test_a_sure_coefficient_keeps_its_band():
    assert likely_band(0.9, 0.01) == "almost perfect"
    assert likely_band(-0.5, 0.01) == "poor"


def test_an_error_of_nothing_is_refused():
    with pytest.raises(ValueError, match="tells nothing"):
        likely_band(0.5, 0)


@pytest.mark.parametrize(
    ("low", "word"),
    [(0.8, "reliable"), (0.667, "tentative"), (0.66, "unreliable"), (None, None)],
)
def test_the_word_is_read_on_the_lower_limit(low, word):
    assert band(low, KRIPPENDORFF) == word
