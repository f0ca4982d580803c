"""A release in the hands of mlcroissant: `bin/test --interop`."""

import json

import pytest
from django.core.management import call_command

from tests.calibration.makers import make_agreeing_queue
from tests.interop.tools import fails_to_load, load, on_request

pytestmark = [on_request, pytest.mark.django_db]


@pytest.fixture
def release(tmp_path):
    make_agreeing_queue()
    call_command("freeze", "gate", queue="answers", out=tmp_path / "gate")
    return tmp_path / "gate"


def test_its_description_leads_to_every_case(release):
    records = load("mlcroissant", release)

    lines = (release / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert [one["cases/id"] for one in records] == [case["id"] for case in cases]
    assert [one["cases/label.quality"] for one in records] == [
        case["labels"]["quality"] for case in cases
    ]


def test_a_label_that_was_changed_is_not_loaded(release):
    cases = release / "cases.jsonl"
    cases.write_bytes(cases.read_bytes().replace(b'"good"', b'"fair"', 1))

    assert "hash" in fails_to_load("mlcroissant", release).lower()
