"""A lead's pages: agreement, golden sets, releases."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from calibration.models import (
    AgreementSnapshot,
    FreezeRequest,
    GoldenSet,
    Release,
    SetSpec,
)
from calibration.services.freeze_requests import freeze_waiting
from calibration.services.previews import refresh_stale_previews
from calibration.services.snapshots import refresh_agreement
from tests.calibration.confirming import ask_for, confirm
from tests.calibration.makers import (
    KRIPPENDORFF,
    make_agreeing_queue,
    make_table_queue,
    next_version,
)
from tests.factories import NOW, make_rated_item, make_rater


@pytest.fixture
def queue(cast):
    return make_agreeing_queue(cast.project)


@pytest.fixture
def lead(client, cast):
    client.force_login(cast.lea.user)
    return client


@pytest.fixture
def frozen(queue, tmp_path):
    call_command("freeze", "gate", queue="answers", out=tmp_path / "release")
    return tmp_path / "release"


AGREEMENT = "/p/shop/queues/answers/agreement/"
SETS = "/p/shop/golden-sets/"
SET = "/p/shop/golden-sets/gate/"
FREEZE = "/p/shop/golden-sets/gate/releases/"
DOWNLOAD = "/p/shop/golden-sets/gate/releases/1.0.0/download/"


@pytest.mark.parametrize("url", [AGREEMENT, SETS, SET, DOWNLOAD])
@pytest.mark.parametrize("who", ["ada", "outsider"])
def test_pages_of_a_lead_are_not_there_for_others(client, cast, frozen, url, who):
    person = cast.outsider if who == "outsider" else cast.ada.user
    client.force_login(person)

    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", [SETS, FREEZE])
def test_nobody_but_a_lead_freezes(client, cast, frozen, url):
    client.force_login(cast.ada.user)
    data = {"name": "mine", "queue": "answers", "override": "x"}

    assert client.post(url, data).status_code == 404
    assert Release.objects.count() == 1


@pytest.mark.parametrize("url", [AGREEMENT, SETS, SET, DOWNLOAD])
def test_pages_ask_strangers_to_sign_in(client, frozen, url):
    response = client.get(url)

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "url",
    [
        "/p/shop/queues/nothing/agreement/",
        f"{AGREEMENT}?version=9",
        "/p/shop/golden-sets/nothing/",
        "/p/shop/golden-sets/gate/releases/9.9.9/download/",
    ],
)
def test_what_does_not_exist_is_not_found(lead, frozen, url):
    assert lead.get(url).status_code == 404


def test_agreement_is_shown_as_it_was_measured(lead, queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = lead.get(AGREEMENT).content.decode()

    assert "1.000" in page
    assert "All judgments are in." in page
    assert "quadratic weights" in page


def test_agreement_says_that_newer_judgments_are_not_in(lead, queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)
    make_rated_item(queue, {make_rater(queue.project, "cy"): {"quality": "bad"}})

    page = lead.get(AGREEMENT).content.decode()

    assert "1 newer judgment is not in yet" in page


def test_agreement_is_never_computed_by_the_page(lead, queue):
    page = lead.get(AGREEMENT).content.decode()

    assert "Being computed" in page
    assert not AgreementSnapshot.objects.exists()


def test_agreement_of_a_queue_without_judgments_says_so(lead, cast):
    make_agreeing_queue(cast.project, n=0)

    assert "Nothing to measure yet" in lead.get(AGREEMENT).content.decode()


def test_agreement_under_the_bar_is_said_in_words(lead, cast):
    queue = make_table_queue(
        KRIPPENDORFF, level="NOMINAL", options="12345", project=cast.project
    )
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = lead.get(AGREEMENT).content.decode()

    assert "cannot be said yet" in page
    assert ".667 lies within the interval" in page
    assert 'style="' not in page


def test_agreement_has_a_tab_for_each_judged_version(lead, queue):
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    refresh_agreement(
        queue_id=queue.pk,
        now=NOW,
        version_id=queue.rubric_version.rubric.versions.get(number=1).pk,
    )

    newest = lead.get(AGREEMENT).content.decode()
    first = lead.get(f"{AGREEMENT}?version=1").content.decode()

    assert "?version=1" in newest
    assert "1.000" not in newest
    assert "1.000" in first


def test_a_lead_freezes_the_first_release(lead, cast, queue):
    response = confirm(lead, SETS, {"name": "gate", "queue": "answers"})
    freeze_waiting(now=NOW)

    release = Release.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, SET)
    assert (release.version, release.frozen_by) == ("1.0.0", cast.lea)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": "no good", "queue": "answers"}, "valid"),
        ({"name": "gate", "queue": "nothing"}, "Select a valid choice"),
        ({}, "This field is required"),
    ],
)
def test_a_form_with_faults_is_shown_again(lead, queue, data, message):
    response = lead.post(SETS, data)

    assert response.status_code == 422
    assert message in response.content.decode()


def test_a_refusal_names_every_reason(lead, cast):
    queue = make_agreeing_queue(cast.project, n=4)
    ask_for(queue, cast.lea)

    freeze_waiting(now=NOW)

    page = lead.get(SET).content.decode()
    assert "The release was refused" in page
    assert "has no lower limit" in page
    assert not Release.objects.exists()


def test_a_page_says_how_far_the_freezing_is(lead, queue, frozen):
    confirm(lead, FREEZE)

    response = lead.get(SET)
    page = response.content.decode()
    assert "A release is being frozen" in page
    assert "Waiting for a worker" in page
    assert 'hx-trigger="load delay:1500ms"' in page


def test_a_set_is_frozen_once_at_a_time(lead, queue, frozen):
    for _ in range(2):
        confirm(lead, FREEZE)

    assert FreezeRequest.objects.count() == 1


def test_a_request_whose_worker_died_is_done_by_the_next(lead, queue, frozen):
    confirm(lead, FREEZE)
    FreezeRequest.objects.update(state="RUNNING", beat_at=NOW)

    soon = freeze_waiting(now=NOW + timedelta(minutes=1))
    later = freeze_waiting(now=NOW + timedelta(hours=1))

    assert (soon, later) == (0, 1)
    assert FreezeRequest.objects.get().state == "FROZEN"


def test_a_lead_freezes_the_next_release(lead, queue, frozen):
    ann, bob = (queue.project.members.get(handle=h) for h in ("ann.lee", "bob"))
    make_rated_item(queue, {ann: {"quality": "bad"}, bob: {"quality": "bad"}})

    confirm(lead, FREEZE)
    freeze_waiting(now=NOW)

    newest = Release.objects.order_by("-pk")[0]
    assert (newest.version, newest.n_cases) == ("1.1.0", 21)
    assert "A release is being frozen" not in lead.get(SET).content.decode()


def test_freezing_what_has_not_changed_says_so(lead, queue, frozen):
    confirm(lead, FREEZE)
    freeze_waiting(now=NOW)

    assert "Nothing has changed since 1.0.0." in lead.get(SET).content.decode()


def test_the_page_of_a_set_shows_releases_and_what_would_be_next(lead, queue, frozen):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = lead.get(SET).content.decode()

    assert Release.objects.get().digest in page
    assert "Nothing stands in the way." in page
    assert "bin/touchstone verify gate-1.0.0" in page


def test_how_to_verify_comes_with_the_release_that_is_swapped_in(lead, queue, frozen):
    page = lead.get(SET).content.decode()

    swapped = page.partition('id="releases"')[2]
    before = swapped.partition("bin/touchstone verify")[0]
    # The panel's own is open, and the one that is swapped is not closed yet.
    assert before.count("<div") > before.count("</div>")


def test_an_override_stays_in_sight(lead, cast):
    make_agreeing_queue(cast.project, n=4)
    data = {"name": "gate", "queue": "answers", "override": "For the demo"}

    confirm(lead, SETS, data)
    freeze_waiting(now=NOW)

    page = lead.get(SET).content.decode()
    assert "Frozen all the same: For the demo" in page
    # The manifest has the key.
    assert "quality: alpha" in Release.objects.get().manifest
    assert "<li>Quality: alpha" in page
    assert "<li>quality: alpha" not in page


def test_a_release_shows_titles_in_place_of_keys(lead, frozen):
    page = lead.get(SET).content.decode()

    assert "Alpha, Quality" in page
    assert "Alpha, quality" not in page


def test_a_download_holds_the_files_of_the_folder(lead, frozen):
    response = lead.get(DOWNLOAD)

    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {
        f"gate-1.0.0/{path.name}": path.read_bytes() for path in frozen.iterdir()
    }
    assert 'filename="gate-1.0.0.zip"' in response.headers["Content-Disposition"]


@pytest.mark.parametrize(("url", "most"), [(AGREEMENT, 20), (SETS, 12), (SET, 26)])
def test_pages_ask_the_database_a_fixed_number_of_times(
    lead, queue, frozen, url, most, django_assert_max_num_queries
):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    with django_assert_max_num_queries(most):
        lead.get(url)


SPEC = """
queue = "answers"
[size]
cases = 12
why = "small"
[window]
why = "one day"
[refresh]
every_days = 30
"""


def test_a_lead_composes_by_a_spec_and_sees_how_it_fills(lead, cast, queue, frozen):
    lead.post(f"{SET}spec/", {"spec": SPEC})
    refresh_stale_previews(now=NOW)

    page = lead.get(SET).content.decode()

    assert SetSpec.objects.get().applied_by == cast.lea
    assert "What it should hold" in page
    assert '<td class="num">20</td>' in page


def test_a_preview_of_a_former_spec_is_not_shown(lead, queue, frozen):
    lead.post(f"{SET}spec/", {"spec": SPEC})
    before = lead.get(SET).content.decode()
    refresh_stale_previews(now=NOW)
    lead.post(f"{SET}spec/", {"spec": SPEC.replace("30", "60")})

    after = lead.get(SET).content.decode()

    for page in (before, after):
        assert "being composed anew" in page
        assert "No spec" not in page
        assert '<td class="num">20</td>' not in page


def test_what_has_not_changed_is_not_composed_anew(lead, queue, frozen):
    lead.post(f"{SET}spec/", {"spec": SPEC})

    assert (refresh_stale_previews(now=NOW), refresh_stale_previews(now=NOW)) == (1, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SPEC.replace("12", "0"), "size.cases"),
        (SPEC.replace("answers", "others"), "the queue of this set"),
        ("", "This field is required"),
    ],
)
def test_a_spec_with_faults_is_shown_again(lead, queue, frozen, text, message):
    response = lead.post(f"{SET}spec/", {"spec": text})

    assert response.status_code == 422
    assert message in response.content.decode()


def test_a_lead_stands_behind_a_drafted_reference(lead, cast, queue, frozen):
    item = queue.project.items.order_by("pk")[0]
    golden_set = GoldenSet.objects.get()
    golden_set.caseterms_set.create(item=item, reference="Ten days.", set_at=NOW)

    before = lead.get(SET).content.decode()
    lead.post(f"{SET}references/", {"case": item.external_id})

    assert "Ten days." in before
    newest = golden_set.caseterms_set.order_by("-pk")[0]
    assert newest.owner == cast.lea
    assert "1 owned, 0 drafts" in lead.get(SET).content.decode()


def test_a_reference_that_is_not_there_cannot_be_owned(lead, queue, frozen):
    page = lead.post(f"{SET}references/", {"case": "x"}, follow=True).content.decode()

    assert "has no reference" in page


@pytest.mark.parametrize(("days", "is_due"), [(29, False), (31, True)])
def test_the_page_reminds_of_the_next_version(lead, queue, frozen, days, is_due):
    lead.post(f"{SET}spec/", {"spec": SPEC})
    confirm(lead, FREEZE)
    freeze_waiting(now=timezone.now() - timedelta(days=days))

    assert ("A new version is due" in lead.get(SET).content.decode()) is is_due
