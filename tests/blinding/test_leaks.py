"""A reviewer walks every address there is and finds nothing that is hidden."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from reviews.models import Assignment, Presentable
from tests.blinding.makers import SECRET, Scene

HTMX = {"HX-Request": "true"}
NOBODY = "00000000-0000-4000-8000-000000000000"
Args = Callable[[Scene], list[Any]]


def _queue(scene: Scene) -> list[Any]:
    return [scene.project.slug, scene.queue.slug]


def _project(scene: Scene) -> list[Any]:
    return [scene.project.slug]


def _others(scene: Scene) -> list[Any]:
    return [scene.others.public_id]


# Every address is a reviewer's, a lead's or an account's. One that stands in none
# of these has not been thought about.
REVIEWER: dict[str, Args] = {
    "reviews:desk": lambda scene: [],
    "reviews:batches": _queue,
    "reviews:batch": lambda scene: [scene.batch.public_id],
    "reviews:batch_return": lambda scene: [scene.batch.public_id],
    "labeling:bench": lambda scene: [scene.live[0].public_id],
    "labeling:judgment": lambda scene: [scene.live[0].public_id],
    "labeling:draft": lambda scene: [scene.live[1].public_id],
    "labeling:skip": lambda scene: [scene.live[1].public_id],
    "labeling:escalation": lambda scene: [scene.live[2].public_id],
    "labeling:withdrawal": lambda scene: [scene.live[1].public_id],
    "labeling:lease": lambda scene: [scene.lapsed.public_id],
    "labeling:guess": lambda scene: [scene.judged.public_id],
    # What is told after a qualification: see test_qualification.
    "calibration:qualification": _queue,
    "calibration:feedback": lambda scene: [scene.judged.public_id],
}
EVERYBODY: dict[str, Args] = {
    name: lambda scene: []
    for name in (
        "reviews:home",
        "account_login",
        "account_inactive",
        "account_signup",
        "account_reauthenticate",
        "account_change_password",
        # Last: who has signed out is no reviewer any more.
        "account_logout",
    )
}
LEAD: dict[str, Args] = {
    "reviews:project": _project,
    "reviews:queue": _queue,
    "reviews:queue_pause": _queue,
    "reviews:queue_resumption": _queue,
    "reviews:seat_pause": _queue,
    "reviews:seat_resumption": _queue,
    "reviews:seat_qualification": _queue,
    "reviews:escalation": lambda scene: [*_queue(scene), scene.others.public_id],
    "labeling:item": lambda scene: [scene.project.slug, scene.item.pk],
    "calibration:erasure": lambda scene: [scene.project.slug, scene.item.pk],
    "labeling:item_unblinding": lambda scene: [scene.project.slug, scene.item.pk],
    "labeling:dealt_batch": lambda scene: [*_queue(scene), scene.batch.public_id],
    "labeling:batch_unblinding": lambda scene: [*_queue(scene), scene.batch.public_id],
    "reviews:project_new": lambda scene: [],
    "labeling:queue_setup": _project,
    "labeling:queue_settings": _queue,
    "labeling:queue_file": _queue,
    "labeling:rubrics": _project,
    **{
        f"labeling:rubric{page}": lambda scene: [scene.project.slug, "answer"]
        for page in (
            "",
            "_draft",
            "_draft_file",
            "_draft_removal",
            "_publication",
            "_review",
        )
    },
    "labeling:rubric_version": lambda scene: [scene.project.slug, "answer", 1],
    "labeling:rubric_adoption": lambda scene: [scene.project.slug, "answer", 1],
    "labeling:rubric_file": lambda scene: [scene.project.slug, "answer", 1],
    "labeling:disputes": _project,
    "labeling:dispute": lambda scene: [scene.project.slug, scene.dispute.public_id],
    "labeling:dispute_votes": lambda scene: [
        scene.project.slug,
        scene.dispute.public_id,
    ],
    "labeling:adjudication": lambda scene: [
        scene.project.slug,
        scene.dispute.public_id,
    ],
    "calibration:agreement": _queue,
    "calibration:agreement_chart": lambda scene: [*_queue(scene), "quality"],
    "calibration:rubric_review_closure": lambda scene: [*_queue(scene), 1],
    "calibration:reviewers": _queue,
    "calibration:judges": _queue,
    "calibration:blinding": _queue,
    "calibration:standings": _queue,
    "calibration:traffic": _project,
    "calibration:failure_modes": _project,
    "calibration:failure_sorting": _project,
    "calibration:failed_items": _project,
    **{
        f"calibration:failure_mode{act}": lambda scene: [scene.project.slug, 1]
        for act in ("", "_name", "_offer", "_removal", "_split", "_merger")
    },
    "calibration:golden_sets": _project,
    "calibration:golden_set": lambda scene: [scene.project.slug, scene.golden_set.slug],
    "calibration:gate": lambda scene: [scene.project.slug, scene.golden_set.slug],
    "calibration:gate_chart": lambda scene: [
        scene.project.slug,
        scene.golden_set.slug,
        "overall",
    ],
    **{
        f"calibration:set_{act}": lambda scene: [
            scene.project.slug,
            scene.golden_set.slug,
        ]
        for act in ("drafts", "spec", "references")
    },
    "calibration:releases": lambda scene: [scene.project.slug, scene.golden_set.slug],
    **{
        f"calibration:{page}": lambda scene: [
            scene.project.slug,
            scene.golden_set.slug,
            scene.release.version,
        ]
        for page in ("download", "erased_cases")
    },
}
# What a form may be sent: nothing, what is wrong, what is right.
POSTS: tuple[dict[str, str], ...] = (
    {},
    {"value-quality": "zzz", "reason": " ", "system": "9", "cause": "?"},
    {
        "value-quality": "good",
        "rationale-quality": "own",
        "reason": "Because",
        "comment": "own",
        "system": "0",
        "decision": "withdraw",
        "value": "good",
        "cause": "MISSED_DETAIL",
        "reviewer": "x",
    },
)


def names_of(found: list[Any], prefix: str = "") -> Iterator[str]:
    for one in found:
        if isinstance(one, URLResolver):
            space = f"{one.namespace}:" if one.namespace else ""
            yield from names_of(one.url_patterns, prefix + space)
        elif isinstance(one, URLPattern):
            yield f"{prefix}{one.name}"


def test_every_address_is_known():
    known = [*REVIEWER, *EVERYBODY, *LEAD]

    assert len(known) == len(set(known))
    assert set(names_of(get_resolver().url_patterns)) == set(known)


@pytest.fixture
def ada(cast: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.ada.user)
    return client


def assert_tells_nothing(answer: Any, where: str) -> None:
    headers = dict(answer.headers)
    # To the page above the address that was asked for: whoever asked knows it.
    if answer.wsgi_request.path.startswith(headers.get("Location", " ")):
        del headers["Location"]
    sent = [answer.text if not answer.streaming else repr(answer), repr(headers)]
    sent.append(answer.cookies.output())
    for text in sent:
        found = SECRET.search(text)
        assert found is None, f"{where}: {text[max(0, found.start() - 80) :][:200]}"
    assert answer.status_code < 500, where


def is_not_there(answer: Any) -> bool:
    """Refused, or led from a form's address to its page, whatever is there."""
    asked = answer.wsgi_request
    led = asked.method == "GET" and asked.path.startswith(answer.get("Location", "-"))
    return answer.status_code in {404, 405} or led


def ask_all_ways(
    client: Client, name: str, args: list[Any], posts: Any = POSTS
) -> Iterator[tuple[str, Any]]:
    address = reverse(name, args=args)
    for headers in ({}, HTMX):
        yield f"GET {name} {headers}", client.get(address, headers=headers)
        for data in posts:
            yield (
                f"POST {name} {data} {headers}",
                client.post(address, data, headers=headers),
            )
    yield f"PUT {name}", client.put(address)


@pytest.mark.parametrize("name", REVIEWER)
def test_the_address_of_a_reviewer_tells_nothing(ada, scene, name):
    statuses = set()
    for where, answer in ask_all_ways(ada, name, REVIEWER[name](scene)):
        assert_tells_nothing(answer, where)
        statuses.add(answer.status_code)

    assert statuses & {200, 204, 303} or name in {
        "labeling:guess",
        "calibration:feedback",
    }


@pytest.mark.parametrize("name", sorted(REVIEWER.keys() - {"reviews:desk"}))
def test_what_is_anothers_or_nowhere_is_not_there(ada, scene, name):
    args = REVIEWER[name](scene)
    own = [scene.batch.public_id] == args
    for other in (
        scene.others_batch.public_id if own else scene.others.public_id,
        NOBODY,
    ):
        instead = [other] if len(args) == 1 else [scene.project.slug, "nowhere"]
        for where, answer in ask_all_ways(ada, name, instead):
            assert_tells_nothing(answer, where)
            assert is_not_there(answer) or answer.get("Location") == "/review/", where

    scene.others.refresh_from_db()
    assert scene.others.status == "SUBMITTED"


@pytest.mark.parametrize("name", LEAD)
def test_the_address_of_a_lead_is_not_there_for_a_reviewer(ada, scene, name):
    for where, answer in ask_all_ways(ada, name, LEAD[name](scene)):
        assert_tells_nothing(answer, where)
        assert is_not_there(answer), where


def test_the_pages_for_everybody_tell_nothing(ada, scene):
    for name, args in EVERYBODY.items():
        for where, answer in ask_all_ways(ada, name, args(scene)):
            assert_tells_nothing(answer, where)


def test_a_batch_is_judged_to_its_end_without_a_leak(ada, scene):
    """The main line: every item, what follows a submit, the end, and the guess."""
    seen = set()
    for one in (*scene.live, scene.lapsed):
        page = ada.get(reverse("labeling:bench", args=[one.public_id]))
        assert_tells_nothing(page, "bench")
        seen |= set(page.text.split("[masked]")[1:2])
    again = ada.post(reverse("labeling:lease", args=[scene.lapsed.public_id]))
    assert_tells_nothing(again, "lease")
    for one in Assignment.objects.filter(batch=scene.batch, status="LIVE"):
        address = reverse("labeling:judgment", args=[one.public_id])
        answer = ada.post(address, POSTS[2], headers=HTMX)
        assert_tells_nothing(answer, "judgment")
        assert answer.status_code == 200
    done = ada.get(reverse("reviews:batch", args=[scene.batch.public_id]))
    guess = ada.get(reverse("labeling:guess", args=[scene.judged.public_id]))
    for page in (done, guess):
        assert page.status_code == 200
        assert_tells_nothing(page, page.request["PATH_INFO"])

    assert seen
    assert "One more question" in done.text


def test_pages_of_a_reviewer_refer_to_static_files_alone(ada, scene):
    page = ada.get(reverse("labeling:bench", args=[scene.live[0].public_id]))

    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', page.text)
    assert len(loaded) > 5
    for address in loaded:
        assert address.startswith("/static/")
        file = ada.get(address)
        assert file.status_code == 200
        body = b"".join(file.streaming_content) if file.streaming else file.content
        assert not SECRET.search(body.decode())


def test_error_pages_tell_nothing(ada, cast, scene):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.ada.user)
    address = reverse("labeling:judgment", args=[scene.live[0].public_id])
    request = RequestFactory().get("/")
    request.user = cast.ada.user

    forged = strict.post(address, POSTS[2])
    broken: HttpResponse = get_resolver().resolve_error_handler(500)(request)

    assert (forged.status_code, broken.status_code) == (403, 500)
    assert not SECRET.search(forged.text + repr(forged.headers) + broken.text)


def test_a_page_that_breaks_tells_nothing(ada, scene, settings):
    """Content that no page can show: the error says nothing of the item either."""
    Presentable.objects.filter(item=scene.live[0].item).update(
        content={"responses": 7}, made_with=""
    )

    answer = ada.get(reverse("labeling:bench", args=[scene.live[0].public_id]))

    assert answer.status_code == 500
    assert not SECRET.search(answer.text + repr(answer.headers))
    assert "responses" not in answer.text


def test_a_scene_hides_in_every_item_something_that_is_masked(scene):
    masked = Presentable.objects.filter(item=scene.live[0].item).get()

    assert SECRET.search(repr(masked.masks))
    assert not SECRET.search(repr(masked.content))
    assert scene.live[0].leased_until > timezone.now()


def test_the_marks_are_found_where_they_may_stand(client, cast, scene):
    """What these tests look for is there: a lead's pages are full of it."""
    client.force_login(cast.lea.user)

    for name in ("reviews:queue", "labeling:dispute", "calibration:golden_sets"):
        assert SECRET.search(client.get(reverse(name, args=LEAD[name](scene))).text)
