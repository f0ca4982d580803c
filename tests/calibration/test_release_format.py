"""Canonical bytes, pseudonyms, names in texts and version numbers."""

import pytest

from calibration.formats.release import (
    canonical,
    derived_guid,
    index_line,
    next_version,
    pseudonyms,
    sha256,
    sums_text,
    without_names,
)


def test_canonical_form_is_that_of_rfc_8785():
    # The sample of the RFC, section 3.2.2.
    sample = {
        "numbers": [
            333333333.33333329,
            1e30,
            4.50,
            2e-3,
            0.000000000000000000000000001,
        ],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    assert sha256(canonical(sample)) == (
        "2d5e01a318d0f0879ab568c4be289c8b1f64ef8921a53c6277d5e069978baacb"
    )


def test_canonical_keys_are_ordered_by_utf_16_units():
    keys = ["\ufb33", "\U0001f600", "\u20ac", "\u00f6", "\u0080", "1", "\r"]

    ordered = canonical(dict.fromkeys(keys, 0)).decode()

    places = [ordered.index(key) for key in ("\u20ac", "\U0001f600", "\ufb33")]
    assert places == sorted(places)


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**400])
def test_integers_out_of_range_are_text(number):
    assert canonical({"n": [number]}) == f'{{"n":["{number}"]}}'.encode()


def test_an_index_line_is_one_line_whatever_the_id():
    line = index_line(b"{}", 'a\nb"\u2028')

    assert line == f'{sha256(b"{}")}  a\\nb\\"\u2028'.encode()


def test_sums_are_sorted_by_name():
    assert sums_text({"b": "2", "a": "1"}) == "1  a\n2  b\n"


def records(n: int, decided: str = "") -> dict[str, str]:
    return {f"rater-{number}": f"{decided}{number}" for number in range(n)}


def test_pseudonyms_do_not_depend_on_who_decided():
    one = pseudonyms(records(30))
    renamed = {f"other-{n}": f"{n}" for n in range(30)}

    assert sorted(one.values()) == sorted(pseudonyms(renamed).values())
    assert [one[f"rater-{n}"] for n in range(30)] == [
        pseudonyms(renamed)[f"other-{n}"] for n in range(30)
    ]


def test_pseudonyms_are_dealt_anew_once_anybody_has_decided_more():
    before = pseudonyms(records(30))
    after = pseudonyms(records(30) | {"rater-7": "7, and one more"})

    moved = [handle for handle in before if before[handle] != after[handle]]

    assert len(moved) > 15


def test_pseudonyms_of_people_with_one_record_are_told_apart():
    same = dict.fromkeys(["ann", "bob", "cy"], "record")

    assert sorted(pseudonyms(same).values()) == ["r01", "r02", "r03"]
    assert pseudonyms(same) == pseudonyms(dict(reversed(same.items())))


def test_pseudonyms_of_many_raters_are_of_one_length():
    assert {len(name) for name in pseudonyms(records(120)).values()} == {4}


def test_a_derived_guid_is_that_of_its_parts():
    assert derived_guid("a", "b") == derived_guid("a", "b")
    assert derived_guid("a", "b") != derived_guid("ab")
    assert len(derived_guid("a")) == 36


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ben said so, BEN!", "r01 said so, r01!"),
        ("benign and reuben", "benign and reuben"),
        ("ben.smith said", "r02 said"),
        ("mail ben@shop", "mail r01@shop"),
        ("step 7 of 12", "step 7 of 12"),
        ("", ""),
    ],
)
def test_names_in_a_text_give_way_to_pseudonyms(text, expected):
    names = {"ben": "r01", "ben.smith": "r02", "7": "r03", "b": "r04"}

    assert without_names(text, names) == expected


@pytest.mark.parametrize(
    ("bump", "version"), [(0, "2.0.0"), (1, "1.5.0"), (2, "1.4.8")]
)
def test_the_next_version_grows_one_part(bump, version):
    assert next_version("1.4.7", bump) == version
