"""Draws, sides and gold counts."""

from random import Random

from scipy.stats import binomtest, kstest

from reviews.sampling import count_seeded, draw, order_responses, pick_balanced


def test_draw_follows_from_key_and_id_alone():
    assert draw("key", "item-1") == draw("key", "item-1")
    assert draw("key", "item-1") != draw("other key", "item-1")


def test_draw_is_uniform_over_ids():
    draws = [draw("key", f"item-{number}") for number in range(5000)]

    assert kstest(draws, "uniform").pvalue > 0.001
    assert all(0 <= number < 1 for number in draws)


def test_sides_are_balanced_over_the_pairs_of_a_batch():
    for seed in range(50):
        orders = order_responses([2] * 10, Random(seed))

        assert orders.count([0, 1]) == orders.count([1, 0]) == 5


def test_odd_pair_goes_to_either_side():
    firsts = [order_responses([2], Random(seed))[0][0] for seed in range(400)]

    assert binomtest(sum(firsts), 400).pvalue > 0.001


def test_side_of_one_pair_does_not_follow_from_its_place():
    firsts = [order_responses([2] * 6, Random(seed))[2][0] for seed in range(400)]

    assert binomtest(sum(firsts), 400).pvalue > 0.001


def test_order_holds_every_response_once():
    orders = order_responses([1, 4, 0, 2], Random(7))

    assert [sorted(order) for order in orders] == [[0], [0, 1, 2, 3], [], [0, 1]]


def test_gold_count_is_right_on_average_and_not_constant():
    counts = [count_seeded(10, 0.15, Random(seed)) for seed in range(2000)]

    assert set(counts) == {1, 2}
    assert 1.45 < sum(counts) / 2000 < 1.55


def test_gold_is_picked_from_the_bands_by_turns():
    candidates = [("good", n) for n in range(20)] + [("bad", n) for n in range(20, 23)]

    chosen = pick_balanced(candidates, 4, Random(1))

    assert sum(n >= 20 for n in chosen) == 2


def test_gold_of_one_band_alone_is_still_picked():
    assert len(pick_balanced([("good", 1), ("good", 2)], 5, Random(1))) == 2
