"""The agreement page of leads: what it answers, and what it never does."""

import pytest

from calibration.models import AgreementSnapshot
from calibration.services.snapshots import refresh_agreement
from labeling.models import Dispute, Option
from reviews.models import Queue
from tests.calibration.makers import (
    KRIPPENDORFF,
    make_adjudication,
    make_agreeing_queue,
    make_dispute,
    make_imported_judgment,
    make_table_queue,
    next_version,
)
from tests.factories import (
    NOW,
    make_item,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

AGREEMENT = "/p/shop/queues/answers/agreement/"
FOREST = f"{AGREEMENT}charts/forest.svg"


@pytest.fixture
def lead(client, cast):
    client.force_login(cast.lea.user)
    return client


@pytest.fixture
def disputed(cast):
    """Krippendorff's example: alpha .743, too few items to say."""
    queue = make_table_queue(
        KRIPPENDORFF, level="NOMINAL", options="12345", project=cast.project
    )
    refresh_agreement(queue_id=queue.pk, now=NOW)
    return queue


def read(client, url: str = AGREEMENT) -> str:
    """The words of the page, spaces made single."""
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_answer_is_yes_where_nothing_stands_in_the_way(lead, cast):
    queue = make_agreeing_queue(cast.project)
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = read(lead)

    assert '<span class="badge badge--good">Yes</span>' in page
    assert "good enough" in page


def test_the_answer_counts_what_stands_in_the_way(lead, disputed):
    # The measurement itself opens one, over the sixth item.
    page = read(lead)

    assert "Not yet" in page
    assert "1 of 1 figures that the gate reads has its lower limit under .667" in page
    assert "1 dispute is open" in page


def test_the_worst_criterion_is_named_with_the_options_taken_for_each_other(
    lead, disputed
):
    ann, bob = (disputed.project.members.get(handle=name) for name in "AB")
    make_rated_item(disputed, {ann: {"quality": "1"}, bob: {"quality": "2"}})
    refresh_agreement(queue_id=disputed.pk, now=NOW)

    page = read(lead)

    assert "<strong>Quality</strong>: alpha ." in page
    assert "“1” and “2” were given to the same item 3 times, 47%" in page


def test_options_confused_once_or_twice_are_not_made_the_reason(lead, disputed):
    assert "No two options stand out" in read(lead)


def test_where_nothing_was_rated_twice_nothing_is_measured(lead, cast):
    queue = make_table_queue(
        {"A": "1 2"}, level="NOMINAL", options="12", project=cast.project
    )
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = read(lead)

    assert "Nothing was measured yet: no item was rated twice." in page
    assert "No two options stand out" not in page
    assert "0 items<br>" in page


def test_the_rubrics_words_stand_side_by_side(lead, cast):
    anchors = {"bad": "Somebody would have to write again.", "good": "It is settled."}
    version = make_rubric(cast.project, levels={"quality": "NOMINAL"}, options=())
    for position, (value, anchor) in enumerate(anchors.items()):
        Option.objects.create(
            criterion=version.criteria.get(),
            value=value,
            title=value,
            anchor=anchor,
            position=position,
        )
    queue = make_queue(cast.project, version)
    ann, bob = (make_rater(cast.project, name) for name in ("ann", "bob"))
    make_rated_item(queue, {ann: {"quality": "bad"}, bob: {"quality": "good"}})
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = read(lead)

    assert "Both given to 1 item, 100% of the disagreement" in page
    assert all(anchor in page for anchor in anchors.values())


def test_disputed_items_are_one_click_away_and_settled_ones_counted(
    lead, cast, disputed
):
    first, second = disputed.project.items.order_by("pk")[:2]
    dispute = make_dispute(disputed, first)
    settled = make_dispute(disputed, second)
    make_adjudication(settled, cast.lea, "1", cause="AMBIGUOUS_RUBRIC")

    page = read(lead)

    assert f'href="/p/shop/disputes/{dispute.public_id}/"' in page
    assert str(settled.public_id) not in page
    assert "Of 1 settled dispute, 1 was put down to an ambiguous rubric." in page


def test_slices_that_are_too_small_say_so(lead, disputed):
    project = disputed.project
    ann, bob = (project.members.get(handle=name) for name in "AB")
    for intent in ("refund", "order"):
        item = make_item(project, signals={"intent": intent})
        for rater in (ann, bob):
            make_imported_judgment(disputed, item, rater, quality="1")
    refresh_agreement(queue_id=disputed.pk, now=NOW)

    page = read(lead)

    assert "No slice has 30 items rated twice" in page
    assert "100% same" in page
    assert '<tr class="muted">' in page


def test_each_pair_of_raters_is_folded_away_with_its_interval(lead, cast):
    queue = make_agreeing_queue(cast.project)
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = read(lead)

    assert "<details> <summary><strong>Quality</strong>: mean 1.000" in page
    assert "; 20 items" in page


def test_a_rare_value_is_warned_of_in_words(lead, cast):
    queue = make_table_queue(
        {"A": "0 " * 38 + "1 0", "B": "0 " * 38 + "1 1"},
        level="NOMINAL",
        options="01",
        project=cast.project,
    )
    refresh_agreement(queue_id=queue.pk, now=NOW)

    assert "3 of 80 ratings are anything but “0”, on 2 items" in read(lead)


def test_a_revised_rubric_is_shown_before_and_after(lead, cast):
    queue = make_agreeing_queue(cast.project)
    refresh_agreement(queue_id=queue.pk, now=NOW)
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    ann, bob = (queue.project.members.get(handle=h) for h in ("ann.lee", "bob"))
    for mine, yours in (("good", "bad"), ("bad", "good")):
        make_rated_item(queue, {ann: {"quality": mine}, bob: {"quality": yours}})
    refresh_agreement(queue_id=queue.pk, now=NOW)

    page = read(lead)

    assert "Before and after: version 1 and version 2" in page
    assert "1.000 (" in page
    assert "-.500, no interval" in page


def test_revising_the_rubric_names_the_commands(lead, disputed):
    page = read(lead)

    assert 'href="/p/shop/rubrics/answer/draft/"' in page
    assert "bin/touchstone rubric apply answer.toml --project shop" in page
    assert "bin/touchstone queue apply answers.toml --project shop" in page


def test_a_former_version_is_not_revised(lead, disputed):
    disputed.rubric_version = next_version(disputed.rubric_version)
    disputed.save(update_fields=["rubric_version"])

    assert "rubric apply" not in read(lead, f"{AGREEMENT}?version=1")


@pytest.mark.parametrize("bar", ["agreement_bar", "reliable_bar"])
def test_a_queue_whose_bar_was_moved_is_measured_again(lead, disputed, bar):
    Queue.objects.filter(pk=disputed.pk).update(**{bar: 0.5})

    assert "Something has changed since" in read(lead)


def test_a_measurement_without_slices_is_made_anew(lead, disputed):
    snapshot = AgreementSnapshot.objects.get()
    for key in ("breakdown", "drawn", "charts"):
        del snapshot.results[key]
    snapshot.save(update_fields=["results"])

    assert "Being computed" in read(lead)


def test_a_chart_is_served_as_a_picture_and_never_inlined(lead, disputed):
    page, response = read(lead), lead.get(f"{FOREST}?version=1")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<svg")
    assert f'src="{FOREST}?version=1"' in page
    assert "<svg" not in page.partition("<main")[2]


@pytest.mark.parametrize(
    "url", [f"{AGREEMENT}charts/nothing.svg", f"{FOREST}?version=9"]
)
def test_a_chart_that_was_not_drawn_is_not_found(lead, disputed, url):
    assert lead.get(url).status_code == 404


@pytest.mark.parametrize("who", ["ada", "outsider"])
def test_charts_are_not_there_for_others(client, cast, disputed, who):
    client.force_login(cast.outsider if who == "outsider" else cast.ada.user)

    assert client.get(FOREST).status_code == 404


def test_more_of_everything_asks_the_database_no_more(
    lead, disputed, django_assert_num_queries
):
    # Session, access; queue, versions, disputes, snapshot, newer judgments, those that
    # were taken back, erasures, settled disputes, reviews open and closed, evidence
    # and causes; the frame: three.
    with django_assert_num_queries(17):
        lead.get(AGREEMENT)
    undisputed = disputed.project.items.exclude(pk__in=Dispute.objects.values("item"))
    for item in undisputed:
        make_dispute(disputed, item)

    with django_assert_num_queries(17):
        lead.get(AGREEMENT)


def test_nothing_on_the_page_is_styled_or_run_in_place(lead, disputed):
    page = read(lead)

    assert 'style="' not in page
    assert "<style" not in page
    assert "onclick" not in page


def test_labels_short_of_the_bar_are_counted_beside_their_criterion(lead, cast):
    version = make_rubric(
        cast.project, levels={"flaws": "MULTI_LABEL"}, options=("rude", "false")
    )
    queue = make_queue(cast.project, version)
    ann, bob = (make_rater(cast.project, name) for name in ("ann", "bob"))
    for mine, yours in ((["rude"], ["rude", "false"]), ([], ["false"]), ([], [])):
        make_rated_item(queue, {ann: {"flaws": mine}, bob: {"flaws": yours}})
    refresh_agreement(queue_id=queue.pk, now=NOW)

    assert "2 of 2 labels short" in read(lead)
