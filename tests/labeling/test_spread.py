"""When votes are spread beyond the rule."""

import pytest

from labeling.spread import Scale, is_disputed, share_agreeing

NOMINAL = Scale("NOMINAL", ("a", "b", "c"))
PAIRWISE = Scale("PAIRWISE", ("A", "tie", "B"))
ORDINAL = Scale("ORDINAL", ("1", "2", "3", "4"))
BINARY = Scale("ORDINAL", ("no", "yes"))
INTERVAL = Scale("INTERVAL", width=9.0)
LABELS = Scale("MULTI_LABEL", ("x", "y"))
TEXT = Scale("TEXT")


@pytest.mark.parametrize(
    ("scale", "votes", "disputed"),
    [
        (NOMINAL, ["a"], False),
        (NOMINAL, ["a", "a"], False),
        (NOMINAL, ["a", "b"], True),
        (NOMINAL, ["a", "a", "b"], False),
        (NOMINAL, ["a", "b", "c"], True),
        (NOMINAL, ["a", "a", "b", "b"], True),
        (PAIRWISE, ["A", "A", "B"], False),
        (PAIRWISE, ["A", "tie"], True),
        (ORDINAL, ["1", "1", "2"], False),
        (ORDINAL, ["1", "1", "3"], True),
        (ORDINAL, ["1", "2"], True),
        (BINARY, ["no", "no", "yes"], False),
        (INTERVAL, [1, 4], False),
        (INTERVAL, [1, 4.5], True),
        (LABELS, [["x"], ["x"]], False),
        (LABELS, [["x"], []], True),
        (LABELS, [["x", "y"], ["x"], ["x"]], False),
        (LABELS, [["x", "y"], ["y", "x"]], False),
        (TEXT, ["one thing", "another"], False),
    ],
)
def test_votes_are_disputed_by_the_rule_of_their_level(scale, votes, disputed):
    assert is_disputed(scale, votes) is disputed
    assert is_disputed(scale, votes[::-1]) is disputed


@pytest.mark.parametrize(
    ("votes", "share"),
    [
        (["a", "a"], 1.0),
        (["a", "b"], 0.0),
        (["a", "a", "b"], 1 / 3),
        ([["x", "y"], ["y", "x"]], 1.0),
    ],
)
def test_agreement_is_the_share_of_equal_pairs(votes, share):
    assert share_agreeing(votes) == pytest.approx(share)
