"""What else moves a judge: order, length, kinship."""

from random import Random
from typing import Any

import pytest

from calibration.formats.judges import Judge
from calibration.queries.verdicts import Written
from calibration.services.judge_biases import measure_biases

SIDES = {"A": ("A",), "tie": ("tie",), "B": ("B",)}
PAIR_JUDGE = Judge("facts", "better", SIDES, (), "facts-swapped", ("larkspur",))
SINGLE_JUDGE = Judge("facts", "policy", {"pass": ("ok",), "fail": ("bad",)}, ("fail",))
# Words of the two responses, and who wrote them.
LONG_FIRST = [Written(200, "larkspur"), Written(20, "fennel")]
LONG_LAST = [Written(20, "fennel"), Written(200, "larkspur")]
STRANGERS = [Written(20, "fennel"), Written(20, "dill")]


def biases(
    said: dict[str, str],
    people: dict[str, str],
    written: dict[str, list[Written]],
    swapped: dict[str, str] | None = None,
    judge: Judge = PAIR_JUDGE,
) -> Any:
    return measure_biases(
        judge,
        is_pairwise=judge is PAIR_JUDGE,
        said=said,
        swapped=swapped or {},
        people=people,
        written=written.items(),
    )


def noisy(n: int, lean: float, seed: int = 1) -> tuple[Any, Any, Any]:
    """Pairs whose longer, kindred response the judge prefers so often, people by toss."""
    rng = Random(seed)
    said, people, written = {}, {}, {}
    for number in range(n):
        item = f"i{number:03d}"
        is_first = rng.random() < 0.5
        written[item] = LONG_FIRST if is_first else LONG_LAST
        prefers_long = rng.random() < lean
        said[item] = "A" if prefers_long == is_first else "B"
        people[item] = rng.choice("AB")
    return said, people, written


def without_kin(written: dict[str, list[Written]]) -> dict[str, list[Written]]:
    return {
        item: [Written(one.n_words, "dill") for one in responses]
        for item, responses in written.items()
    }


def test_a_judge_that_always_takes_the_first_has_no_consistency():
    items = [f"i{number}" for number in range(30)]

    found = biases(
        dict.fromkeys(items, "A"), {}, {}, swapped=dict.fromkeys(items, "B")
    )["swap"]

    assert found["consistency"]["value"] == 0
    assert found["first_shown"]["value"] == 1
    assert found["p"] < 0.001


def test_pairs_that_were_judged_in_one_order_alone_do_not_count():
    found = biases({"i1": "A", "i2": "B"}, {}, {}, swapped={"i2": "B", "i3": "A"})

    assert found["swap"]["consistency"]["n_items"] == 1


def test_a_judge_that_likes_length_beyond_the_people_is_found_out():
    said, people, written = noisy(200, lean=0.8)

    found = biases(said, people, without_kin(written))["length"]

    assert found["low"] > 0
    assert found["n_items"] == 200


def test_a_judge_that_does_as_the_people_is_not_biased_by_length():
    rng = Random(3)
    _, people, written = noisy(200, lean=0.5)
    said = {
        item: side if rng.random() < 0.8 else rng.choice("AB")
        for item, side in people.items()
    }

    found = biases(said, people, without_kin(written))["length"]

    assert found["low"] < 0 < found["high"]


def test_a_judge_that_favours_its_family_is_found_out():
    said, people, written = noisy(100, lean=0.9)
    rng = Random(5)
    for number in range(100):
        item = f"s{number:03d}"
        said[item], people[item] = rng.choice("AB"), rng.choice("AB")
        written[item] = STRANGERS

    found = biases(said, people, written)["kin"]

    assert found["low"] > 0
    assert found["n_items"] == 200


def test_two_responses_of_the_family_tell_nothing_of_kinship():
    said, people, written = noisy(30, lean=0.5)
    kin = {item: [LONG_FIRST[0], LONG_FIRST[0]] for item in written}

    found = biases(said, people, kin)["kin"]

    assert found["value"] is None
    assert found["n_items"] == 0


def test_ties_are_left_out():
    said, people, written = noisy(30, lean=0.5)

    found = biases(dict.fromkeys(said, "tie"), people, written)["length"]

    assert found["reason"] == "0 items with a verdict and a label, 20 needed"


@pytest.mark.parametrize(
    ("judge", "name", "reason"),
    [
        (SINGLE_JUDGE, "swap", "it judges one response at a time"),
        (SINGLE_JUDGE, "kin", "names no models of its family"),
        (Judge("x", "better", SIDES, ()), "length", "which verdicts are a failure"),
    ],
)
def test_what_cannot_be_looked_at_is_said_in_words(judge, name, reason):
    found = biases({}, {}, {}, judge=judge)[name]
    estimate = found["consistency"] if name == "swap" else found

    assert estimate["value"] is None
    assert reason in estimate["reason"]


def test_of_one_response_passing_is_preferring():
    rng = Random(7)
    items = [f"i{number:03d}" for number in range(200)]
    written = {item: [Written(rng.choice((20, 200)), "dill")] for item in items}
    said = {
        item: "pass"
        if rng.random() < (0.9 if one[0].n_words > 100 else 0.5)
        else "fail"
        for item, one in written.items()
    }
    people = {item: rng.choice(("pass", "fail")) for item in items}

    found = biases(said, people, written, judge=SINGLE_JUDGE)["length"]

    assert found["low"] > 0
