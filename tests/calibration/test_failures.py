"""The page about failures: how often, by feature, of which kinds."""

from datetime import timedelta
from typing import Any

import pytest

from calibration.formats.judges import parse_judges
from calibration.models import PanelKind, PanelSnapshot
from calibration.queries.failures_page import get_failures_page
from calibration.services.failure_panel import measure_failures
from calibration.services.judge_terms import apply_judge_terms
from calibration.services.panels import refresh_failures, refresh_stale_panels
from calibration.tasks import measure_failures as measure_task
from labeling.formats.findings import CorrectedOutput, Findings, MarkedSpan
from labeling.models import FailureMode, Judgment, SortedTag
from labeling.services.failure_modes import By, Chosen, create_mode, merge_modes
from labeling.services.findings import keep_findings
from reviews.models import Action, Item, RoutingDecision, TriagePolicy
from reviews.services.presentations import prepare_presentables
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

TERMS = """
[failure]
criterion = "quality"
values = ["bad"]
"""
PAGE = "/p/shop/failure-modes/"
ITEMS = PAGE + "items/"


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
    return [make_rater(project, name) for name in ("zq-ann", "zq-bob")]


@pytest.fixture
def by(cast):
    return By(cast.project.pk, cast.lea.pk, NOW)


@pytest.fixture
def lead(client, cast):
    client.force_login(cast.lea.user)
    return client


def review(
    queue: Any,
    raters: Any,
    value: str = "good",
    tags: tuple[tuple[str, ...], ...] = (),
    **changes: Any,
) -> Item:
    """An item that all raters gave this value, with the tags of each."""
    item = make_rated_item(queue, {one: {"quality": value} for one in raters})
    Item.objects.filter(pk=item.pk).update(**changes)
    judgments = Judgment.objects.filter(item=item).order_by("pk")
    for judgment, own in zip(judgments, tags, strict=False):
        keep_findings(judgment_id=judgment.pk, findings=Findings(tags=own))
    item.refresh_from_db()
    return item


def route(item: Item, queue: Any, chance: float, is_selected: bool = True) -> None:
    policy, _ = TriagePolicy.objects.get_or_create(
        project=item.project,
        number=1,
        defaults={"source": "", "rules": [], "created_at": NOW},
    )
    RoutingDecision.objects.create(
        item=item,
        policy=policy,
        rule="a rule",
        action=Action.SAMPLE,
        is_selected=is_selected,
        queue=queue if is_selected else None,
        inclusion_probability=chance,
        draw=0.5,
        decided_at=NOW,
    )


def test_a_rate_is_of_the_labelled_items_with_its_interval(project, queue, raters):
    for value in ("bad", "good", "good", "fair"):
        review(queue, raters, value)
    review(queue, raters[:1], "bad")

    found = measure_failures(project.pk)["all"]

    assert (found["n_reviewed"], found["n_labelled"], found["n_failed"]) == (5, 4, 1)
    assert found["rate"]["value"] == 0.25
    # Wilson's interval for 1 of 4.
    assert round(found["rate"]["low"], 4) == 0.0456
    assert round(found["rate"]["high"], 4) == 0.6994


def test_an_item_counts_once_for_a_kind_of_error_whatever_the_words(
    project, queue, raters, by
):
    mode = create_mode(by=by, name="Late", chosen=Chosen(tags=["late", "too late"]))
    review(queue, raters, tags=(("late", "too late"), ()))
    review(queue, raters, tags=(("late",), ("too late", "rude")))
    review(queue, raters, tags=(("rude",), ()))
    review(queue, raters)

    found = measure_failures(project.pk)

    counted = found["all"]["modes"][str(mode)]
    assert (counted["n_items"], counted["n_confirmed"]) == (2, 1)
    assert counted["share"]["value"] == 0.5
    assert (found["all"]["n_named"], found["all"]["n_unsorted"]) == (3, 1)
    assert found["tags"][0] == {"tag": "late", "n_items": 2}


def test_a_note_that_a_lead_read_counts_like_a_tag(project, queue, raters, by):
    item = review(queue, raters)
    judgment = Judgment.objects.filter(item=item).earliest("pk")
    mode = create_mode(by=by, name="Late", chosen=Chosen(judgments=[judgment.pk]))

    found = measure_failures(project.pk)["all"]

    assert found["modes"][str(mode)]["n_items"] == found["n_named"] == 1


def test_gold_and_retest_count_nowhere(cast, project, queue):
    for purpose in ("GOLD", "RETEST"):
        batch = make_batch(queue, cast.ada)
        assignment = make_assignment(batch, make_item(project), purpose=purpose)
        judgment = make_judgment(assignment, quality="bad")
        keep_findings(judgment_id=judgment.pk, findings=Findings(tags=("late",)))

    found = measure_failures(project.pk)

    assert found["all"]["n_reviewed"] == found["all"]["n_named"] == 0
    assert found["tags"] == found["failed"] == []


def test_figures_stand_by_intent_and_by_system(project, queue, raters, by):
    mode = create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))
    heron = {"responses": [{"model": "heron"}]}
    billing: Any = {"signals": {"intent": "billing"}, "provenance": heron}
    review(queue, raters, "bad", (("late",), ()), **billing)
    review(queue, raters, "good", **billing)
    review(queue, raters, "good", signals={"intent": 7})

    found = measure_failures(project.pk)["all"]

    intents = {one["name"]: one for one in found["intents"]}
    assert set(intents) == {"billing", ""}
    assert (intents["billing"]["n_failed"], intents["billing"]["n_labelled"]) == (1, 2)
    assert intents["billing"]["modes"] == [[mode, 1]]
    assert [(one["name"], one["n_reviewed"]) for one in found["systems"]] == [
        ("heron", 2)
    ]


def test_a_pair_is_of_no_system(project, queue, raters):
    models = {"responses": [{"model": "heron"}, {"model": "wren"}]}
    review(queue, raters, kind="PAIR", provenance=models)

    assert measure_failures(project.pk)["all"]["systems"] == []


def test_what_was_routed_is_weighed_by_its_chance(project, queue, raters, by):
    mode = create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))
    for value, tag in (("bad", ("late",)), ("bad", ("late",))):
        route(review(queue, raters, value, (tag,)), queue, 1.0)
    for value in ("good", "good"):
        route(review(queue, raters, value), queue, 0.1)
    for _ in range(18):
        route(make_item(project), queue, 0.1, is_selected=False)

    found = measure_failures(project.pk)["all"]

    # Half of what people saw, a twelfth or so of the traffic: 2 of 22.
    assert found["rate"]["value"] == 0.5
    assert round(found["traffic"]["rate"]["value"], 4) == round(2 / 22, 4)
    assert round(found["traffic"]["modes"][str(mode)]["value"], 4) == round(2 / 22, 4)


def test_what_was_never_drawn_leaves_the_estimate_open(project, queue, raters):
    route(review(queue, raters, "bad"), queue, 1.0)
    route(make_item(project), queue, 0.1, is_selected=False)

    over = measure_failures(project.pk)["all"]["traffic"]["rate"]

    assert over["value"] is None
    assert over["reason"] == "1 of 2 strata were not sampled"


def test_without_a_definition_nothing_fails_but_errors_are_named(project, raters):
    queue = make_queue(project, make_rubric(project))
    review(queue, raters, "bad", (("late",), ()))

    found = measure_failures(project.pk)

    assert found["undefined"] == ["Answers"]
    assert (found["all"]["n_labelled"], found["all"]["n_named"]) == (0, 1)
    assert found["all"]["rate"]["value"] is None


def refreshed(project: Any) -> None:
    refresh_failures(project_id=project.pk, now=NOW)


def test_a_queue_can_be_read_alone(project, queue, raters):
    other = make_queue(project, queue.rubric_version, slug="other")
    review(queue, raters, "bad")
    review(other, raters, "good", (("late",), ()))
    refreshed(project)

    answers = get_failures_page(project_id=project.pk, queue="answers")
    others = get_failures_page(project_id=project.pk, queue="other")

    assert (answers.n_reviewed, answers.n_failed, answers.n_named) == (1, 1, 0)
    assert (others.n_reviewed, others.n_labelled, others.n_named) == (1, 0, 1)
    assert answers.traffic == ""


def test_a_feature_stands_out_only_beyond_chance(project, queue, raters):
    few: Any = {"signals": {"intent": "few"}}
    many: Any = {"signals": {"intent": "many"}}
    for _ in range(4):
        review(queue, raters, "bad", **few)
    for _ in range(10):
        review(queue, raters, "bad", **many)
    for _ in range(16):
        review(queue, raters, "good")
    refreshed(project)

    page = get_failures_page(project_id=project.pk, queue=None)

    assert [row.name for row in page.outstanding] == ["many"]


def test_what_a_lead_sorts_is_counted_at_once_and_other_news_later(
    project, queue, raters, by
):
    review(queue, raters, tags=(("late",), ()))
    refresh_stale_panels(now=NOW)
    soon = NOW + timedelta(seconds=30)
    review(queue, raters)

    assert refresh_stale_panels(now=soon) == 0
    create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))
    assert get_failures_page(project_id=project.pk, queue=None).is_sorting
    assert refresh_stale_panels(now=soon) == 1

    page = get_failures_page(project_id=project.pk, queue=None)
    assert (page.is_sorting, page.modes[0].n_items) == (False, 1)


def test_a_task_that_comes_twice_measures_once(project, queue, raters):
    review(queue, raters)

    measure_task(project_id=project.pk)
    measure_task(project_id=project.pk)

    assert PanelSnapshot.objects.filter(kind=PanelKind.FAILURES).count() == 1


# -- pages


def test_the_page_answers_in_plain_words(lead, project, queue, raters, by):
    create_mode(by=by, name="Comes late", chosen=Chosen(tags=["late"]))
    review(queue, raters, "bad", (("late",), ("rude",)))
    for _ in range(3):
        review(queue, raters, "good")
    refreshed(project)

    page = " ".join(lead.get(PAGE).text.split())

    assert "<strong>1 fails</strong></a>" in page
    assert "An item fails if its label is: Quality: Bad (Answers)." in page
    assert "25% (5% to 70%)" in page
    assert "Comes late</a> (1)" in page
    assert 'name="tag" value="rude"' in page
    assert 'name="tag" value="late"' not in page


def test_nobodys_name_and_no_system_of_an_item_stands_on_the_lists(
    lead, project, queue, raters
):
    provenance = {"responses": [{"model": "heron-9"}]}
    review(queue, raters, "bad", (("late",), ()), provenance=provenance)
    refreshed(project)

    listed = lead.get(ITEMS).text + lead.get(ITEMS, {"failed": ""}).text
    listed += lead.get(ITEMS, {"system": "heron-9"}).text

    assert "zq-" not in listed
    assert "heron" not in listed


@pytest.mark.parametrize(
    "query", ["", "?queue=answers", "?notes=2", "?notes=x", "?notes=-1"]
)
def test_the_page_of_a_new_project_is_shown(lead, queue, query):
    answer = lead.get(PAGE + query)

    assert answer.status_code == 200
    assert "Being computed" in answer.text


@pytest.mark.parametrize(
    ("path", "query"),
    [(PAGE, "?queue=nowhere"), (ITEMS, "?queue=nowhere"), (ITEMS, "?mode=9")],
)
def test_what_is_not_there_is_not_found(lead, queue, path, query):
    assert lead.get(path + query).status_code == 404


@pytest.mark.parametrize(
    "query", ["?tag=%00", "?intent=%00&page=x", "?mode=x", "?unsorted&page=99"]
)
def test_an_odd_question_gets_an_answer(lead, queue, query):
    assert lead.get(ITEMS + query).status_code == 200


def test_tags_are_sorted_on_the_page(lead, queue):
    answer = lead.post(PAGE + "sorting/", {"tag": ["late", "slow"], "name": "Late"})

    mode = FailureMode.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, PAGE + "#sorting")
    assert set(mode.tags.values_list("tag", flat=True)) == {"late", "slow"}
    lead.post(PAGE + "sorting/", {"tag": "tardy", "mode": str(mode.pk)})
    assert mode.tags.count() == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"tag": "late"}, "Choose a failure mode, or name a new one."),
        ({"tag": "late", "name": "Late"}, "There is a failure mode “Late” already."),
        ({"mode": "{mode}"}, "Choose at least one tag or note."),
        ({"name": "New"}, "Choose at least one tag or note."),
        (
            {"mode": "{mode}", "name": "New"},
            "Choose a failure mode, or name a new one.",
        ),
        ({"tag": "late", "mode": "99"}, "Select a valid choice"),
    ],
)
def test_sorting_that_makes_no_sense_is_refused(lead, queue, by, data, said):
    mode = create_mode(by=by, name="Late")
    sent = {key: text.format(mode=mode) for key, text in data.items()}

    answer = lead.post(PAGE + "sorting/", sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert not SortedTag.objects.exists()
    assert FailureMode.objects.count() == 1


def test_a_mode_is_changed_on_its_page(lead, queue, by):
    mode = create_mode(by=by, name="Service", chosen=Chosen(tags=["late", "rude"]))
    own = f"{PAGE}{mode}/"

    for act, data in (
        ("name/", {"name": "Bad service", "description": "As met."}),
        ("offer/", {"is_offered": "1"}),
        ("split/", {"tag": "rude", "name": "Rude"}),
    ):
        assert lead.post(own + act, data).status_code == 303
    new = FailureMode.objects.get(name="Rude").pk
    assert lead.post(own + "removal/", {"tag": "late"}).status_code == 303
    merged = lead.post(own + "merger/", {"into": str(new)})

    assert merged["Location"] == f"{PAGE}{new}/"
    assert lead.get(own).status_code == 404
    history = lead.get(f"{PAGE}{new}/").text
    assert "Merged “Bad service” into “Rude”" in history
    assert "Split “Rude” from “Bad service”" in history


@pytest.mark.parametrize(
    ("act", "data", "said"),
    [
        ("name/", {"name": ""}, "Give the failure mode a name."),
        ("split/", {"name": "New"}, "Choose at least one tag or note."),
        ("removal/", {"tag": "never"}, "Not all of these are in"),
        ("merger/", {}, "Choose a failure mode."),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(lead, queue, by, act, data, said):
    mode = create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))

    answer = lead.post(f"{PAGE}{mode}/{act}", data)

    assert answer.status_code == 422
    assert said in answer.text


def test_the_list_shows_marks_and_corrections(lead, queue, raters):
    item = review(queue, raters, "bad")
    prepare_presentables(item_ids=[item.pk], now=NOW)
    words = item.content["responses"][0]["text"]
    keep_findings(
        judgment_id=Judgment.objects.filter(item=item).earliest("pk").pk,
        findings=Findings(
            corrections=(CorrectedOutput(1, "Monday it is."),),
            spans=(MarkedSpan("RESPONSE", 1, words, tag="late", note="No such day."),),
        ),
    )

    page = lead.get(ITEMS, {"tag": "late"}).text

    for shown in (f"/p/shop/items/{item.pk}/", "Monday it is.", "No such day.", words):
        assert shown in page


@pytest.mark.parametrize("who", ["ada", "outsider"])
@pytest.mark.parametrize("path", [PAGE, ITEMS, PAGE + "1/"])
def test_pages_about_failures_are_not_there_for_others(
    client, cast: Cast, queue, by, who, path
):
    create_mode(by=by, name="Late")
    member = getattr(cast, who)
    client.force_login(getattr(member, "user", member))

    assert client.get(path).status_code == 404


def test_a_mode_that_was_merged_leaves_its_figures_to_the_other(
    project, queue, raters, by
):
    one = create_mode(by=by, name="Late", chosen=Chosen(tags=["late"]))
    other = create_mode(by=by, name="Slow", chosen=Chosen(tags=["slow"]))
    review(queue, raters, tags=(("late",), ("slow",)))
    merge_modes(by=by, mode_id=one, into_id=other)
    refreshed(project)

    page = get_failures_page(project_id=project.pk, queue=None)

    assert [(row.facts.name, row.n_items, row.n_confirmed) for row in page.modes] == [
        ("Slow", 1, 1)
    ]
