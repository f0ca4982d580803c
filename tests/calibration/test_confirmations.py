"""The step before a release is frozen for good."""

import json

import pytest
from django.core.management import call_command
from django.test import Client

from calibration.models import FreezeRequest, GoldenSet, Release
from calibration.services.confirmations import Confirmation
from calibration.services.freeze_requests import freeze_waiting
from tests.calibration.confirming import confirm, sweep
from tests.calibration.makers import make_agreeing_queue
from tests.factories import NOW, make_rated_item

SETS = "/p/shop/golden-sets/"
SET = "/p/shop/golden-sets/gate/"
FREEZE = "/p/shop/golden-sets/gate/releases/"
NEW = {"name": "gate", "queue": "answers"}


@pytest.fixture
def lead(client, cast):
    client.force_login(cast.lea.user)
    return client


@pytest.fixture
def queue(cast):
    return make_agreeing_queue(cast.project)


@pytest.fixture
def frozen(queue, tmp_path):
    call_command("freeze", "gate", queue="answers", out=tmp_path / "release")


def rate(queue, first: str, second: str):
    ann, bob = (queue.project.members.get(handle=one) for one in ("ann.lee", "bob"))
    return make_rated_item(queue, {ann: {"quality": first}, bob: {"quality": second}})


def ask(lead: Client, url: str = FREEZE, **data: str) -> Confirmation:
    """The first step: the page, and what it would send back."""
    page = lead.post(url, data).context["page"]
    assert isinstance(page, Confirmation)
    return page


def test_asking_freezes_nothing_and_keeps_nothing(lead, queue):
    sweep()

    response = lead.post(SETS, NEW)

    assert response.status_code == 200
    assert "Freeze for good" in response.content.decode()
    assert not FreezeRequest.objects.exists()
    assert not GoldenSet.objects.exists()


def test_the_step_shows_what_the_release_then_holds(lead, queue):
    sweep()
    shown = ask(lead, SETS, **NEW)

    confirm(lead, SETS, NEW)
    freeze_waiting(now=NOW)

    release = Release.objects.get()
    [labels] = shown.labels
    held = json.loads(release.manifest)["labels"]["quality"]
    assert shown.n_cases == release.n_cases
    assert sorted(n for _, n in labels.values) == sorted(held.values())
    assert [row.title for row in shown.alphas] == ["Quality"]
    assert shown.versions == ("1.0.0",)


def test_the_next_version_is_one_of_three(lead, queue, frozen):
    sweep()

    assert ask(lead).versions == ("2.0.0", "1.1.0", "1.0.1")


def test_a_judgment_given_meanwhile_is_shown_first(lead, queue, frozen):
    sweep()
    shown = ask(lead).shown
    rate(queue, "bad", "bad")
    sweep()

    response = lead.post(FREEZE, {"shown": shown})

    page = response.content.decode()
    assert response.status_code == 409
    assert "it has changed since you read it" in page
    assert "Cases: 20, now 21" in page
    assert not FreezeRequest.objects.exists()


def test_what_is_not_measured_yet_cannot_be_frozen(lead, queue, frozen):
    sweep()
    shown = ask(lead).shown
    rate(queue, "bad", "bad")

    response = lead.post(FREEZE, {"shown": shown})

    page = response.content.decode()
    assert "These figures are not those of now" in page
    assert "Freeze for good" not in page
    assert not FreezeRequest.objects.exists()


def test_a_dispute_opened_meanwhile_is_shown_first(lead, queue, frozen):
    sweep()
    shown = ask(lead, override="For the demo").shown
    rate(queue, "bad", "good")
    sweep()

    response = lead.post(FREEZE, {"shown": shown, "override": "For the demo"})

    assert "Open disputes: 0, now 1" in response.content.decode()
    assert not FreezeRequest.objects.exists()


def test_a_judgment_that_comes_before_the_worker_stops_it(lead, queue, frozen):
    confirm(lead, FREEZE)
    rate(queue, "bad", "bad")

    freeze_waiting(now=NOW)

    assert Release.objects.count() == 1
    assert "no longer what was confirmed" in lead.get(SET).content.decode()


def test_a_refusal_without_a_reason_has_no_way_on(lead, cast):
    make_agreeing_queue(cast.project, n=4)
    sweep()

    response = lead.post(SETS, NEW)

    page = response.content.decode()
    assert "Refused: this stands in the way" in page
    assert "Quality: alpha" in page
    assert "Freeze for good" not in page


def test_a_refusal_cannot_be_confirmed_past_the_page(lead, cast):
    make_agreeing_queue(cast.project, n=4)
    sweep()
    shown = ask(lead, SETS, **NEW).shown

    response = lead.post(SETS, NEW | {"shown": shown})

    assert response.status_code == 409
    assert not FreezeRequest.objects.exists()


def test_the_reason_that_will_stay_is_shown(lead, cast):
    make_agreeing_queue(cast.project, n=4)
    sweep()

    page = lead.post(SETS, NEW | {"override": "For the demo"}).content.decode()

    assert "which stays in the manifest for ever" in page
    assert '<blockquote class="prose prose--plain">For the demo</blockquote>' in page
    assert "Freeze for good" in page


def test_another_reason_than_was_shown_is_shown_first(lead, cast):
    make_agreeing_queue(cast.project, n=4)
    sweep()
    shown = ask(lead, SETS, **NEW, override="For the demo").shown

    response = lead.post(SETS, NEW | {"shown": shown, "override": "For no reason"})

    assert "Reason: For the demo, now For no reason" in response.content.decode()


def test_going_back_keeps_what_was_typed(lead, queue):
    response = lead.post(SETS, NEW | {"override": "For the demo", "back": "1"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "For the demo</textarea>" in page
    assert "New golden set" in page


@pytest.mark.parametrize("shown", ["", "{", "[]", "null", "7", "[" * 9000, '{"a": []}'])
def test_what_was_never_shown_is_no_confirmation(lead, queue, shown):
    sweep()

    response = lead.post(SETS, NEW | {"shown": shown})

    assert response.status_code == 409
    assert not FreezeRequest.objects.exists()


def test_the_step_asks_the_database_a_fixed_number_of_times(
    lead, queue, frozen, django_assert_max_num_queries
):
    sweep()

    with django_assert_max_num_queries(45):
        lead.post(FREEZE)
