"""Setting up a queue in the browser: all of it, or nothing."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from labeling.formats.rubrics import parse_rubric
from labeling.models import RubricVersion
from labeling.services.rubrics import apply_rubric
from reviews.formats.guesses import NoLayout, guess_columns
from reviews.models import (
    Item,
    Member,
    PanelSeat,
    Project,
    Queue,
    RoutingDecision,
    Slot,
    TriagePolicy,
    User,
)
from reviews.services.queue_files import parse_queue
from reviews.services.queue_specs import get_queue_spec, write_queue
from tests.factories import NOW, make_queue, make_rater, make_rubric, make_user

ANSWERS = b"""id,question,answer,model
q-1,Where is it?,On its way.,north-2
q-2,When?,On Monday.,south-1
"""
PAIRS = b"""id,prompt,response_a,response_b
p-1,Where?,Here.,There.
"""
NATIVE = json.dumps(
    {
        "id": "t-1",
        "kind": "trace",
        "content": {"steps": [{"type": "message", "text": "hello"}]},
    }
).encode()
FORM: dict[str, Any] = {
    "title": "First answers",
    "routing": "everything",
    "rubric": "starter:pass-or-fail",
    "kinds": ["SINGLE", "PAIR", "TRACE"],
    "seat_ada": "primary",
    "people": "",
    "overlap": "2",
    "batch_size": "10",
    "gold_rate": "0.1",
    "retest_rate": "0",
    "daily_cap": "200",
    "queue_daily_cap": "",
    "qualification_size": "0",
    "qualification_pass": "0.8",
    "lease_minutes": "60",
    "agreement_bar": "0.667",
}


@pytest.fixture
def lea(cast: Any, client: Client) -> Client:
    client.force_login(cast.lea.user)
    return client


def set_up(client: Client, name: str = "a.csv", data: bytes = ANSWERS, **more: Any):
    upload = {"file": SimpleUploadedFile(name, data)} if data else {}
    newest = RubricVersion.objects.order_by("-pk").first()
    if newest is not None:
        more = {"rubric": str(newest.pk)} | more
    address = reverse("labeling:queue_setup", args=["shop"])
    return client.post(address, FORM | upload | more)


def nothing_is_there() -> bool:
    left = (Queue, Item, RubricVersion, TriagePolicy, PanelSeat, Slot)
    return not any(model.objects.exists() for model in left)


def test_a_file_a_starter_and_a_name_make_a_queue(cast, lea):
    answer = set_up(lea)

    assert answer.status_code == 200
    queue = Queue.objects.get()
    assert (queue.slug, queue.title, queue.overlap) == (
        "first-answers",
        "First answers",
        2,
    )
    assert str(queue.rubric_version) == "pass-or-fail@1"
    assert list(queue.panel.values_list("reviewer__handle", flat=True)) == ["ada"]
    assert Slot.objects.filter(queue=queue).count() == 4
    assert {item.content["prompt"] for item in Item.objects.all()} == {
        "Where is it?", "When?",
    }  # fmt: skip
    item = Item.objects.get(external_id="q-1")
    assert item.provenance["responses"] == [{"model": "north-2"}]
    assert "question as what was asked" in answer.text


def test_what_comes_in_later_goes_to_the_first_queue_too(cast, lea):
    set_up(lea)

    decision = RoutingDecision.objects.first()

    assert decision is not None
    assert decision.rule == "everything for first-answers"
    assert decision.inclusion_probability == 1
    assert TriagePolicy.objects.count() == 1


def test_new_people_get_accounts_and_passwords_that_are_shown_once(cast, lea):
    make_user("zoe")

    answer = set_up(lea, people="yan\n zoe \nyan")

    (made,) = answer.context["passwords"]
    assert made.username == "yan"
    assert made.password in answer.text
    assert User.objects.get(username="yan").check_password(made.password)
    seated = PanelSeat.objects.values_list("reviewer__handle", flat=True)
    assert set(seated) == {"ada", "yan", "zoe"}


def test_pairs_under_a_rubric_that_compares_make_a_queue_of_pairs(cast, lea):
    set_up(lea, data=PAIRS, rubric="starter:which-is-better")

    assert Queue.objects.get().kinds == ["PAIR"]
    assert Item.objects.get().kind == "PAIR"


def test_a_file_in_the_native_layout_is_read_as_it_is(cast, lea):
    answer = set_up(lea, "t.jsonl", NATIVE)

    assert answer.context["columns"] is None
    assert Item.objects.get().kind == "TRACE"


def test_a_mapping_reads_any_other_layout(cast, lea):
    mapping = b'id = "n"\nkind = "single"\n[content]\nprompt = "q"\nresponses = ["a"]'

    set_up(
        lea,
        data=b"n,q,a\n1,Where?,Here.\n",
        mapping=SimpleUploadedFile("m.toml", mapping),
    )

    assert Item.objects.get().content["prompt"] == "Where?"


def test_a_queue_that_begins_with_a_qualification_says_what_it_takes(cast, lea):
    page = set_up(lea, qualification_size="12", qualification_pass="0.9")

    queue = Queue.objects.get(slug="first-answers")
    assert (queue.qualification_size, queue.qualification_pass) == (12, 0.9)
    assert "nothing is dealt before the queue has 12 gold cases" in page.text


def test_a_queue_can_begin_without_a_file(cast, lea):
    answer = set_up(lea, data=b"")

    assert answer.status_code == 200
    assert Queue.objects.get().slug == "first-answers"


@pytest.mark.parametrize(
    ("name", "data", "more", "field", "message"),
    [
        ("a.csv", b"a,b\n1,2\n", {}, "file", "Expected a column for each of: the id"),
        ("a.csv", b"\xff\xfe", {}, "file", "expected text in UTF-8"),
        ("a.jsonl", b"{", {}, "file", "expected text in UTF-8"),
        ("a.xlsx", b"PK", {}, "file", "Expected a name that ends in .jsonl"),
        ("a.csv", b"id,question,answer\n", {}, "file", "The file has no line."),
        ("a.csv", PAIRS, {"kinds": ["TRACE"]}, "file", "No line of the file is for"),
        ("a.csv", ANSWERS, {"title": "!"}, "title", "Expected words with a letter"),
        ("a.csv", ANSWERS, {"overlap": "0"}, "overlap", "greater than or equal to 1"),
        ("a.csv", ANSWERS, {"gold_rate": "0.4", "retest_rate": "0.4"}, "retest_rate",
         "expected at most 0.5 together"),
        ("a.csv", ANSWERS, {"sla_high": "4"}, "sla_critical", "hours for every tier"),
        ("a.csv", ANSWERS, {"people": "ada"}, "people", "in this project already"),
        ("a.csv", ANSWERS, {"people": "a;b"}, "people", "no name for an account"),
        ("a.csv", ANSWERS, {"kinds": ["TRACE"], "rubric": "starter:which-is-better"},
         "kinds", "compares responses"),
        ("a.csv", ANSWERS, {"rubric": "starter:none"}, "rubric", "valid choice"),
        ("a.csv", ANSWERS,
         {"mapping": SimpleUploadedFile("m.toml", b"id = 1")}, "mapping", "id"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_next_to_its_field_and_leaves_nothing(
    cast, lea, name, data, more, field, message
):
    answer = set_up(lea, name, data, **more)

    assert answer.status_code == 422
    assert message in str(answer.context["form"].errors[field])
    assert nothing_is_there()
    assert not Member.objects.filter(handle="a;b").exists()


def test_lines_with_faults_are_listed_and_no_line_is_taken_in(cast, lea):
    answer = set_up(lea, data=ANSWERS + b"q-3,,nothing was asked,x\n", people="yan")

    assert answer.status_code == 422
    assert "line 4" in answer.text
    assert "1 line to mend" in answer.text
    assert nothing_is_there()
    assert not User.objects.filter(username="yan").exists()


def test_a_file_over_the_limit_is_refused_unread(cast, lea, monkeypatch):
    monkeypatch.setattr("labeling.views.queue_fields.LARGEST_UPLOAD", 10)

    answer = set_up(lea)

    assert "Larger than 50 MB" in answer.text
    assert nothing_is_there()


def test_a_second_queue_leaves_the_policy_in_force_as_it_was(cast, lea):
    set_up(lea)
    before = TriagePolicy.objects.get().source

    set_up(lea, data=ANSWERS.replace(b"q-", b"r-"), title="Second")

    newest = TriagePolicy.objects.order_by("-number").first()
    assert newest is not None
    assert newest.source == before
    second = RoutingDecision.objects.filter(queue__slug="second")
    assert set(second.values_list("item__external_id", flat=True)) == {"r-1", "r-2"}


def test_a_second_queue_can_leave_routing_to_the_policy(cast, lea):
    set_up(lea)

    set_up(lea, data=ANSWERS.replace(b"q-", b"r-"), title="Second", routing="policy")

    assert RoutingDecision.objects.filter(queue__slug="first-answers").count() == 4
    assert TriagePolicy.objects.count() == 1


def test_kinds_that_the_policy_never_heard_of_are_audited_in_the_new_queue(cast, lea):
    set_up(lea, kinds=["SINGLE"])

    answer = set_up(
        lea, data=PAIRS, title="Pairs", kinds=["PAIR"], rubric="starter:which-is-better"
    )

    assert answer.status_code == 200
    newest = TriagePolicy.objects.order_by("-number").first()
    assert newest is not None
    assert 'pair = "pairs"' in newest.source
    assert RoutingDecision.objects.filter(queue__slug="pairs").count() == 1


def test_a_panel_too_small_for_the_overlap_is_said(cast, lea):
    alone = set_up(lea)
    enough = set_up(lea, data=PAIRS, title="Second", seat_ben="primary")

    assert "the panel has 1 reviewer:" in alone.text
    assert "the panel has" not in enough.text


def test_a_queue_with_a_qualification_says_what_gold_looks_like(cast, lea):
    answer = set_up(lea, qualification_size="2")

    assert "2 gold cases. Ingest their items first" in answer.text
    assert '"ratings": {' in answer.text


def test_a_name_that_is_taken_is_refused(cast, lea):
    set_up(lea)

    answer = set_up(lea, data=PAIRS)

    assert "There is a queue of this name already." in answer.text
    assert Queue.objects.count() == 1


def test_settings_of_a_queue_are_changed_by_the_same_form(cast, lea):
    set_up(lea)
    address = reverse("labeling:queue_settings", args=["shop", "first-answers"])
    form = FORM | {"overlap": "3", "seat_ada": "backup", "seat_ben": "primary"}
    form |= {"rubric": str(RubricVersion.objects.get().pk), "plain_text": "on"}
    form |= {"authority": ["REVISE", "APPROVE"]}

    answer = lea.post(address, form | {f"sla_{one}": "4" for one in
                      ("critical", "high", "medium", "low")})  # fmt: skip

    assert answer.url == reverse("reviews:queue", args=["shop", "first-answers"])
    queue = Queue.objects.get()
    assert (queue.overlap, queue.sla_hours) == (3, [4, 4, 4, 4])
    assert queue.plain_text
    assert queue.authority == ["APPROVE", "REVISE"]
    seats = queue.panel.order_by("reviewer__handle")
    assert list(seats.values_list("reviewer__handle", "is_backup")) == [
        ("ada", True),
        ("ben", False),
    ]
    assert Slot.objects.count() == 6


@pytest.mark.parametrize("granted", [["REVISE"], ["REJECT", "ESCALATE"]])
def test_decisions_without_approval_are_refused_beside_the_field(cast, lea, granted):
    answer = set_up(lea, authority=granted)

    assert "Grant approve too" in answer.text
    assert not Queue.objects.exists()


def test_settings_leave_alone_what_the_form_does_not_show(cast, lea):
    rubric = make_rubric(cast.project)
    rater = make_rater(cast.project, "elsewhere")
    queue = make_queue(
        cast.project, rubric, reviewers=[rater], guess_systems=["a", "b"]
    )
    address = reverse("labeling:queue_settings", args=["shop", "answers"])
    page = lea.get(address).context["form"]
    data = {
        field.html_name: field.value() for field in page if field.value() is not None
    }

    lea.post(address, data | {"batch_size": "7"})

    queue.refresh_from_db()
    assert (queue.batch_size, queue.guess_systems) == (7, ["a", "b"])
    assert queue.panel.get(is_active=True).reviewer == rater


def test_settings_that_are_refused_change_nothing(cast, lea):
    set_up(lea)
    address = reverse("labeling:queue_settings", args=["shop", "first-answers"])

    rubric = str(RubricVersion.objects.get().pk)

    answer = lea.post(
        address, FORM | {"overlap": "3", "people": "lea", "rubric": rubric}
    )

    assert answer.status_code == 422
    assert Queue.objects.get().overlap == 2


def test_settings_offer_the_version_the_queue_is_on_and_the_newest(cast, lea):
    set_up(lea)
    text = 'rubric = "pass-or-fail"\ntitle = "T"\n[[criterion]]\nkey = "k"\ntitle = "K"\nlevel = "text"\n'
    apply_rubric(project_id=cast.project.pk, file=parse_rubric(text.encode()), now=NOW)

    page = lea.get(reverse("labeling:queue_settings", args=["shop", "first-answers"]))

    shown = [words for _, words in page.context["form"].fields["rubric"].choices]
    assert shown[:2] == ["T, version 2", "Pass or fail, version 1"]


def test_a_queue_downloads_as_the_file_that_makes_it(cast, lea):
    set_up(lea, sla_critical="1", sla_high="2", sla_medium="3", sla_low="4")
    queue = Queue.objects.get()

    answer = lea.get(reverse("labeling:queue_file", args=["shop", "first-answers"]))

    spec = parse_queue(answer.text)
    assert spec == get_queue_spec(queue_id=queue.pk)
    assert (spec.rubric, spec.sla_hours) == ("pass-or-fail@1", (1, 2, 3, 4))
    assert write_queue(spec) == answer.text


@pytest.mark.parametrize(
    ("names", "prompt", "responses"),
    [
        (["id", "Question", "Answer"], "Question", ("Answer",)),
        (["item-id", "input", "output_1", "output_2"], "input", ("output_1", "output_2")),
        (["id", "prompt", "response", "response_a", "response_b"], "prompt",
         ("response_a", "response_b")),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_common_names(names, prompt, responses):
    columns = guess_columns(names)

    assert columns is not None
    assert (columns.prompt, columns.responses) == (prompt, responses)


@pytest.mark.parametrize("name", ["Intent", "feature"])
def test_feature_of_an_item_is_its_intent(cast, lea, name):
    data = f"id,question,answer,{name}\nq1,Where?,Here.,delivery\nq2,Who?,Me.,\n"

    answer = set_up(lea, data=data.encode())

    assert f"{name} as the intent" in answer.text
    signals = Item.objects.order_by("external_id").values_list("signals", flat=True)
    assert list(signals) == [{"intent": "delivery"}, {}]


def test_columns_that_say_nothing_are_not_guessed():
    with pytest.raises(NoLayout, match="found a, b"):
        guess_columns(["a", "b"])


def test_a_lead_makes_a_project_and_leads_it(cast, lea):
    form = {"name": "Second shop", "slug": "second"}

    answer = lea.post(reverse("reviews:project_new"), form)

    assert answer.url == reverse("reviews:project", args=["second"])
    member = Member.objects.get(project__slug="second")
    assert (member.handle, member.role) == ("lea", "LEAD")
    assert "Set up a queue" in lea.get(answer.url).text


@pytest.mark.parametrize(
    ("slug", "message"), [("shop", "already"), ("two words", "letters, numbers")]
)
def test_a_project_that_cannot_be_made_is_refused(cast, lea, slug, message):
    answer = lea.post(reverse("reviews:project_new"), {"name": "N", "slug": slug})

    assert answer.status_code == 422
    assert message in answer.text
    assert Project.objects.count() == 1


def test_a_member_of_the_staff_makes_the_first_project(cast, client):
    user = make_user("sam")
    client.force_login(user)
    address = reverse("reviews:project_new")

    before = client.get(address).status_code
    User.objects.filter(pk=user.pk).update(is_staff=True)

    assert (before, client.get(address).status_code) == (404, 200)


def test_a_reviewer_makes_no_project(cast, client):
    client.force_login(cast.ada.user)

    answer = client.post(reverse("reviews:project_new"), {"name": "N", "slug": "n"})

    assert answer.status_code == 404
    assert not Project.objects.filter(slug="n").exists()


def test_a_queue_that_nobody_is_seated_at_says_so(cast, lea):
    answer = set_up(lea, seat_ada="")

    assert "First answers has no reviewers yet" in answer.text
    assert "is ready</h1>" not in answer.text
