"""The figures about judges, blinding and traffic, and the pages that show them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from calibration.formats.judges import parse_judges
from calibration.models import GoldCase, GoldRating, PanelKind, PanelSnapshot
from calibration.queries.panels import find_panel
from calibration.services.blinding_panel import measure_blinding
from calibration.services.failure_panel import measure_failures
from calibration.services.judge_panel import measure_judges
from calibration.services.judge_terms import apply_judge_terms
from calibration.services.panels import LEAST_AGE, refresh_panels, refresh_stale_panels
from calibration.services.traffic import measure_traffic
from labeling.models import Criterion, Guess, Judgment
from reviews.models import (
    Action,
    Item,
    Member,
    Queue,
    RoutingDecision,
    TriagePolicy,
)
from tests.calibration.makers import facts, make_imported_judgment
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

TERMS = """
[failure]
criterion = "quality"
values = ["bad"]
[[judge]]
name = "facts"
criterion = "quality"
verdicts = {pass = ["fair", "good"], fail = ["bad"]}
fails = ["fail"]
"""
PAGES = [
    "/p/shop/queues/answers/reviewers/",
    "/p/shop/queues/answers/judges/",
    "/p/shop/queues/answers/blinding/",
    "/p/shop/traffic/",
]
STANDINGS = "/p/shop/queues/answers/reviewers/standings/"


@pytest.fixture
def project(cast):
    return cast.project


@pytest.fixture
def queue(project):
    queue = make_queue(project, make_rubric(project), overlap=2)
    apply_judge_terms(queue_id=queue.pk, terms=parse_judges(TERMS), now=NOW)
    return queue


@pytest.fixture
def raters(project):
    return [make_rater(project, name) for name in ("ann", "bob")]


@pytest.fixture
def lead(client, cast):
    client.force_login(cast.lea.user)
    return client


def route(
    queue: Queue,
    n: int,
    *,
    action: Action,
    probability: float,
    raters: Sequence[Member] = (),
    fails: int = 0,
    seen: int | None = None,
    word: str | None = None,
) -> None:
    """`n` items, of which the first `seen` were selected and judged by the raters."""
    policy, _ = TriagePolicy.objects.get_or_create(
        project=queue.project,
        number=1,
        defaults={"source": "", "rules": [], "created_at": NOW},
    )
    seen = n if seen is None else seen
    for number in range(n):
        said = word or ("fail" if number < fails else "pass")
        judges = [{"judge": "facts", "verdict": said}]
        item = make_item(queue.project, signals={"judges": judges})
        RoutingDecision.objects.create(
            item=item,
            policy=policy,
            rule="some",
            action=action,
            is_selected=number < seen,
            queue=queue if number < seen else None,
            inclusion_probability=probability,
            draw=0.5,
            decided_at=NOW,
        )
        for rater in raters if number < seen else ():
            quality = "bad" if number < fails else "good"
            make_imported_judgment(queue, item, rater, quality=quality)


def judge_of(queue: Queue) -> Any:
    [judge] = measure_judges(facts(queue))["judges"]
    return judge


# -- judges


def test_a_judge_that_always_agrees_is_a_gate_candidate(queue, raters):
    route(queue, 60, action=Action.QUEUE, probability=1, raters=raters, fails=30)

    judge = judge_of(queue)

    assert judge["kappa"]["value"] == 1
    assert judge["outcome"]["word"] == "Gate candidate"
    assert judge["outcome"]["may_triage"]


def test_a_judge_is_read_on_the_lower_limit(queue, raters):
    route(queue, 24, action=Action.QUEUE, probability=1, raters=raters, fails=12)
    for item in Item.objects.order_by("pk")[:3]:
        item.signals["judges"][0]["verdict"] = "pass"
        item.save()

    judge = judge_of(queue)

    assert judge["kappa"]["value"] == 0.75
    assert judge["kappa"]["low"] < 0.6
    assert judge["outcome"]["word"] == "Not proven"
    assert not judge["outcome"]["may_triage"]


def test_a_judge_that_contradicts_the_people_says_that_the_rubric_is_broken(
    queue, raters
):
    route(queue, 60, action=Action.QUEUE, probability=1, raters=raters, fails=30)
    for number, item in enumerate(Item.objects.order_by("pk")):
        [judge] = item.signals["judges"]
        is_failed = (judge["verdict"] == "fail") is (number % 5 == 0)
        judge["verdict"] = "fail" if is_failed else "pass"
        item.save()

    assert judge_of(queue)["outcome"]["word"] == "Rubric broken"


def test_people_with_too_few_shared_items_are_named(queue, raters):
    route(queue, 10, action=Action.QUEUE, probability=1, raters=raters, fails=5)

    alternative = judge_of(queue)["alternative"]

    assert alternative["omega"] is None
    assert alternative["skipped"] == ["ann", "bob"]


def test_words_that_nobody_explained_are_left_out_and_counted(queue, raters):
    route(queue, 5, action=Action.QUEUE, probability=1, raters=raters, word="hm")

    judge = judge_of(queue)

    assert (judge["n_unreadable"], judge["n_judged"]) == (5, 0)


def test_a_judge_that_nobody_explained_is_named(project, raters):
    bare = make_queue(project, make_rubric(project))
    route(bare, 5, action=Action.QUEUE, probability=1, raters=raters)

    found = measure_judges(facts(bare))

    assert found["judges"] == []
    assert found["unread"] == [{"judge": "facts", "n_items": 5}]


def test_the_rate_of_a_judge_is_corrected_by_weighted_labels(queue, raters):
    # The judge passes everything. A tenth of it was looked at, and half of that fails.
    route(
        queue,
        400,
        action=Action.SHIP,
        probability=0.1,
        raters=raters,
        fails=20,
        seen=40,
        word="pass",
    )

    rate = judge_of(queue)["rate"]

    assert rate["corrected"]["value"] == pytest.approx(0.5)
    assert rate["corrected"]["low"] < 0.4
    assert (rate["n_judged"], rate["n_labelled"]) == (400, 40)


def test_a_rate_from_few_labels_has_no_interval(queue, raters):
    route(queue, 10, action=Action.QUEUE, probability=1, raters=raters, fails=5)

    corrected = judge_of(queue)["rate"]["corrected"]

    assert corrected["low"] is None
    assert "10 labelled items, 30 needed" in corrected["reason"]


def test_a_rate_turned_around_by_the_errors_of_the_judge_stands_beside(queue, raters):
    route(queue, 60, action=Action.QUEUE, probability=1, raters=raters, fails=30)
    for item in Item.objects.order_by("pk")[:6]:
        item.signals["judges"][0]["verdict"] = "pass"
        item.save()

    rate = judge_of(queue)["rate"]

    # The judge says 24 of 60, and misses a fifth of the failures.
    assert rate["turned"]["value"] == pytest.approx(0.5)
    assert rate["corrected"]["value"] == pytest.approx(0.5)


def test_the_rate_of_a_judge_that_tells_nothing_cannot_be_turned_around(queue, raters):
    route(
        queue,
        40,
        action=Action.QUEUE,
        probability=1,
        raters=raters,
        fails=20,
        word="pass",
    )

    rate = judge_of(queue)["rate"]

    assert rate["turned"]["reason"] == "the judge is no better than chance"
    assert rate["power"] == 0


def test_the_judge_stands_beside_each_person_and_among_them(queue, raters):
    route(queue, 40, action=Action.QUEUE, probability=1, raters=raters, fails=20)

    judge = judge_of(queue)

    assert [one["rater"] for one in judge["with_each"]] == ["ann", "bob"]
    assert [one["value"] for one in judge["with_each"]] == [1, 1]
    assert judge["joined_kappa"]["value"] == 1


def test_verdicts_in_the_other_order_are_no_judge_of_their_own(project, raters):
    queue = make_queue(project, make_rubric(project), overlap=2)
    terms = parse_judges(TERMS + 'swapped = "facts-swapped"')
    apply_judge_terms(queue_id=queue.pk, terms=terms, now=NOW)
    route(queue, 5, action=Action.QUEUE, probability=1, raters=raters)
    for item in Item.objects.all():
        item.signals["judges"].append({"judge": "facts-swapped", "verdict": "pass"})
        item.save()

    assert measure_judges(facts(queue))["unread"] == []


# -- traffic


def test_flagged_items_are_weighed_by_their_chance_of_being_seen(queue, raters):
    route(queue, 20, action=Action.QUEUE, probability=1, raters=raters, fails=10)
    route(queue, 80, action=Action.SHIP, probability=0.5, raters=raters, seen=40)

    found = measure_traffic(queue.project_id)

    # Raw: 10 of 60. Of all traffic: 10 of 100.
    assert found["rate"]["value"] == pytest.approx(0.1)
    assert found["rate"]["low"] <= 0.1 < found["rate"]["high"]


def test_the_escape_rate_and_the_miss_share_are_two_figures(queue, raters):
    route(queue, 9, action=Action.QUEUE, probability=1, raters=raters, fails=9)
    route(
        queue,
        90,
        action=Action.SHIP,
        probability=0.5,
        raters=raters,
        fails=3,
        seen=30,
    )

    found = measure_traffic(queue.project_id)["escapes"]

    assert found["rate"]["value"] == pytest.approx(0.1)
    assert found["miss_share"]["value"] == pytest.approx(0.5)
    assert (found["n_audited"], found["n_caught"]) == (30, 9)


def test_no_failure_in_the_audit_is_no_zero(queue, raters):
    route(queue, 90, action=Action.SHIP, probability=0.5, raters=raters, seen=59)

    found = measure_traffic(queue.project_id)["escapes"]

    assert found["at_most"] == pytest.approx(0.0495, abs=1e-4)


def test_items_still_to_be_audited_are_no_more_than_there_are(queue, raters):
    route(queue, 40, action=Action.SHIP, probability=0.5, raters=raters, seen=4)

    found = measure_traffic(queue.project_id)["escapes"]

    # Of endless traffic it would take 250.
    assert 20 < found["n_needed"] <= 36


def test_an_item_judged_by_too_few_is_not_labelled_yet(queue, raters):
    route(queue, 4, action=Action.QUEUE, probability=1, raters=raters[:1])

    found = measure_traffic(queue.project_id)

    assert found["n_labelled"] == 0
    assert found["rate"]["missing"] == ["single items seen with a chance of 100%"]


def test_kinds_without_a_failure_are_left_out_and_named(project, raters):
    bare = make_queue(project, make_rubric(project))
    route(bare, 3, action=Action.QUEUE, probability=1, raters=raters)

    found = measure_traffic(project.pk)

    assert (found["n_items"], found["undefined"]) == (0, {"single": 3})


def test_traffic_and_failures_say_one_rate_and_gold_is_in_neither(queue, raters):
    route(queue, 20, action=Action.QUEUE, probability=1, raters=raters, fails=10)
    route(queue, 30, action=Action.SHIP, probability=0.5, raters=raters, seen=15)
    route(queue, 1, action=Action.QUEUE, probability=1)
    case = GoldCase.objects.create(
        queue=queue,
        item=Item.objects.latest("pk"),
        rubric_version=queue.rubric_version,
        created_at=NOW,
    )
    criterion = Criterion.objects.get(version=queue.rubric_version, key="quality")
    GoldRating.objects.create(gold_case=case, criterion=criterion, value="bad")

    found = measure_traffic(queue.project_id)
    over = measure_failures(queue.project_id)["all"]["traffic"]["rate"]

    assert (found["n_labelled"], found["n_failed"]) == (35, 10)
    assert (found["rate"]["value"], found["rate"]["low"]) == (
        over["value"],
        over["low"],
    )


# -- blinding


def test_guesses_are_held_against_the_author(queue, cast):
    batch = make_batch(queue, cast.ada, size=20)
    for number in range(20):
        model = "larkspur" if number % 2 else "fennel"
        item = make_item(queue.project, provenance={"responses": [{"model": model}]})
        assignment = make_assignment(batch, item)
        make_judgment(assignment, quality="good")
        Guess.objects.create(
            assignment=assignment,
            options=["larkspur", "fennel"],
            system=model,
            made_at=NOW,
        )

    found = measure_blinding(facts(queue))

    assert [one["bang"]["value"] for one in found["guesses"]["by_system"]] == [1, 1]
    assert found["findings"][0].startswith("20 of 20 guesses at the author are right")


def guess_pairs(queue: Queue, cast: Cast, *, n: int, guess: str) -> None:
    """Pairs of larkspur and fennel, shown the other way round."""
    batch = make_batch(queue, cast.ada, size=n)
    models = [{"model": "larkspur"}, {"model": "fennel"}]
    for _ in range(n):
        item = make_item(queue.project, kind="PAIR", provenance={"responses": models})
        assignment = make_assignment(batch, item, response_order=[1, 0])
        make_judgment(assignment, quality="good")
        Guess.objects.create(
            assignment=assignment,
            options=["larkspur", "fennel"],
            system=guess,
            made_at=NOW,
        )


def test_a_guess_about_a_pair_is_about_the_response_shown_first(queue, cast):
    guess_pairs(queue, cast, n=12, guess="fennel")
    guess_pairs(queue, cast, n=1, guess="larkspur")

    found = measure_blinding(facts(queue))["guesses"]

    assert [(one["system"], one["n"]) for one in found["by_system"]] == [("fennel", 13)]
    assert found["n_right"] == 12


def test_a_system_is_not_called_recognised_after_a_few_guesses(queue, cast):
    guess_pairs(queue, cast, n=4, guess="fennel")
    guess_pairs(queue, cast, n=1, guess="larkspur")

    found = measure_blinding(facts(queue))

    assert found["guesses"]["by_system"][0]["is_small"]
    assert not any("is recognised" in one for one in found["findings"])


def test_the_side_that_wins_too_often_is_told(project, raters):
    version = make_rubric(project, levels={"better": "PAIRWISE"})
    pairs = make_queue(project, version)
    for _ in range(20):
        item = make_item(project, kind="PAIR")
        judgment = make_imported_judgment(pairs, item, raters[0])
        judgment.ratings.create(
            criterion=version.criteria.get(key="better"), value="A", displayed="LEFT"
        )

    found = measure_blinding(facts(pairs))

    assert found["sides"]["n_left"] == 20
    assert "what stands on the left wins" in found["findings"][0]


# -- snapshots and pages


def test_a_page_is_measured_again_only_when_something_changed(queue, raters):
    refresh_stale_panels(now=NOW)
    later = NOW + 2 * LEAST_AGE

    assert refresh_stale_panels(now=later) == 0
    make_rated_item(queue, {raters[0]: {"quality": "good"}})
    assert refresh_stale_panels(now=later) == 5


def test_a_judgment_taken_back_makes_every_page_stale(queue, raters):
    make_rated_item(queue, {raters[0]: {"quality": "good"}})
    refresh_stale_panels(now=NOW)

    Judgment.objects.update(withdrawn_at=NOW, left_out="WITHDRAWN", counts=False)

    assert refresh_stale_panels(now=NOW + 2 * LEAST_AGE) == 5


def test_a_page_says_that_it_is_behind_until_its_turn_comes(queue, raters):
    refresh_stale_panels(now=NOW)
    make_rated_item(queue, {raters[0]: {"quality": "good"}})

    assert refresh_stale_panels(now=NOW + timedelta(seconds=60)) == 0
    panel = find_panel(
        project_id=queue.project_id, queue_id=queue.pk, kind=PanelKind.REVIEWERS
    )
    assert panel is not None
    assert panel.is_behind


def test_a_retired_project_is_left_alone(queue):
    queue.project.retired_at = NOW
    queue.project.save()

    assert refresh_stale_panels(now=NOW) == 0


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("who", ["ada", "outsider"])
def test_pages_of_a_lead_are_not_there_for_others(client, cast, queue, url, who):
    person = cast.outsider if who == "outsider" else cast.ada.user
    client.force_login(person)

    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", PAGES)
def test_a_page_says_that_nothing_is_measured_yet(lead, queue, url):
    assert "Being computed" in lead.get(url).content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_a_page_of_an_empty_queue_is_shown(lead, queue, url):
    refresh_panels(project_id=queue.project_id, now=NOW)

    assert lead.get(url).status_code == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (PAGES[0], "Who needs recalibration?"),
        (PAGES[1], "Gate candidate"),
        (PAGES[2], "No sign of it"),
        (PAGES[3], "of 60 items fail"),
    ],
)
def test_a_page_answers_its_question(lead, queue, raters, url, said):
    route(queue, 60, action=Action.QUEUE, probability=1, raters=raters, fails=30)
    refresh_panels(project_id=queue.project_id, now=NOW)

    assert said in lead.get(url).content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_pages_ask_the_database_a_fixed_number_of_times(
    lead, queue, raters, url, django_assert_max_num_queries
):
    route(queue, 6, action=Action.QUEUE, probability=1, raters=raters, fails=3)
    refresh_panels(project_id=queue.project_id, now=NOW)

    with django_assert_max_num_queries(12):
        lead.get(url)


def test_a_lead_decides_on_the_page_without_scripts(lead, cast, queue, raters):
    make_rated_item(queue, {raters[0]: {"quality": "good"}})
    data = {"handle": "ann", "state": "SUSPENDED", "reason": "Away until May."}

    response = lead.post(STANDINGS, data)

    assert (response.status_code, response.headers["Location"]) == (303, PAGES[0])
    refresh_panels(project_id=queue.project_id, now=NOW)
    assert "Away until May." in lead.get(PAGES[0]).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"handle": "ann", "state": "WATCH", "reason": " "},
        {"handle": "nobody", "state": "WATCH", "reason": "x"},
        {"handle": "ann", "state": "GONE", "reason": "x"},
    ],
)
def test_a_decision_that_cannot_be_is_refused(lead, queue, raters, data):
    make_rated_item(queue, {raters[0]: {"quality": "good"}})

    assert lead.post(STANDINGS, data).status_code == 422


def test_the_address_of_a_form_opened_by_hand_leads_to_its_page(lead, queue):
    response = lead.get(STANDINGS)

    assert (response.status_code, response.url) == (302, PAGES[0])


def test_snapshots_of_a_kind_that_is_not_known_are_refused(db):
    with pytest.raises(IntegrityError, match="panelsnapshot"):
        PanelSnapshot.objects.create(
            project=make_project(),
            kind="GONE",
            inputs={},
            results={},
            computed_at=NOW,
        )
