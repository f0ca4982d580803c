"""The rubric editor: drafts, edits, faults in place, publishing, what changed."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.rubric_changes import compare_rubrics, compare_texts
from labeling.formats.rubric_edits import UnknownEdit, edit_sheet, new_criterion
from labeling.formats.rubric_files import write_rubric
from labeling.formats.rubric_sheets import sheet_of, tables_of
from labeling.formats.rubrics import PAIR_LETTERS, parse_rubric, read_rubric
from labeling.formats.starters import list_starters
from labeling.models import RubricVersion
from labeling.models.rubrics import RubricDraft
from labeling.services.rubric_drafts import DraftChanged, keep_draft, publish_draft
from labeling.services.rubrics import apply_rubric
from tests.factories import NOW, make_project, make_queue

FULL = """
rubric = "answer"
title = "Answer"
guidance = '''
Read *twice*.
The path is C:\\new "here".'''
[[criterion]]
key = "verdict"
title = "Verdict"
level = "nominal"
rationale = "required"
[[criterion.option]]
value = "pass"
title = "Pass"
[[criterion.option]]
value = "fail"
title = "Fail"
anchor = "Something is wrong with it."
rationale = true
[[criterion]]
key = "flaws"
title = "Flaws"
level = "multi-label"
required = false
per_step = true
only_if = { criterion = "verdict", values = ["fail"] }
option = [{ value = "rude" }, { value = "false" }]
[[criterion]]
key = "tone"
title = "Tone"
level = "interval"
alpha = "ordinal"
minimum = 0
maximum = 1
step = 0.1
[[criterion]]
key = "better"
title = "Better"
level = "pairwise"
tie = false
[[criterion]]
key = "note"
title = "Note"
level = "text"
[[example]]
title = "Late"
text = "What was asked, and the answer."
why = "It is late."
ratings = { verdict = "fail", flaws = ["rude"], tone = 0.5, note = "n" }
"""
DOCUMENT = parse_rubric(FULL.encode()).document
SMALL = """
rubric = "answer"
title = "Answer"
[[criterion]]
key = "verdict"
title = "Verdict"
level = "nominal"
option = [{ value = "pass" }, { value = "fail", anchor = "It is wrong." }]
"""


@pytest.fixture
def lea(cast: Any, client: Client) -> Client:
    client.force_login(cast.lea.user)
    return client


@pytest.fixture
def rubric(cast: Any) -> Any:
    file = parse_rubric(SMALL.encode())
    return apply_rubric(project_id=cast.project.pk, file=file, now=NOW)


def at(page: str, *more: Any) -> str:
    return reverse(f"labeling:{page}", args=["shop", *more])


def fields_of(answer: Any) -> dict[str, Any]:
    """What a browser would send of the editor's form."""
    shown = answer.context["fields"]
    data: dict[str, Any] = {"revision": answer.context["revision"]}
    forms = [shown.head]
    for part in shown.criteria:
        forms += [part.form, *(option.form for option in part.options)]
        for group in part.conditions:
            data[group.name] = [box.value for box in group.boxes if box.is_checked]
    for form in [*forms, *(part.form for part in shown.examples)]:
        for field in form:
            value = field.value()
            if value is not False and value is not None:
                data[field.html_name] = "on" if value is True else value
    return data


def save(client: Client, **changes: Any) -> Any:
    page = client.get(at("rubric_draft", "answer"))
    data = fields_of(page) | {name.replace("__", "-"): v for name, v in changes.items()}
    return client.post(at("rubric_draft", "answer"), data)


def test_a_rubric_written_as_a_file_is_read_back_as_itself():
    text = write_rubric(slug="answer", document=DOCUMENT, project="shop")

    file = parse_rubric(text.encode())

    assert (file.project, file.slug, file.document) == ("shop", "answer", DOCUMENT)


@given(st.text(alphabet=st.characters(exclude_characters="\x00", codec="utf-8")))
def test_any_text_survives_the_file(text):
    document = DOCUMENT | {"guidance": text.replace("\r", "").strip()}

    written = write_rubric(slug="answer", document=document)

    assert parse_rubric(written.encode()).document == document


def test_a_rubric_taken_onto_a_sheet_and_back_is_the_same():
    sheet = sheet_of(DOCUMENT)

    assert read_rubric(tables_of("answer", sheet)).document == DOCUMENT


def test_every_starter_is_a_rubric_that_can_be_edited():
    starters = list_starters()

    assert len(starters) == 3
    for starter in starters:
        tables = tables_of(starter.name, sheet_of(starter.document))
        assert read_rubric(tables).document == starter.document


def test_the_form_sends_back_what_it_shows(cast, lea):
    file = parse_rubric(FULL.encode())
    apply_rubric(project_id=cast.project.pk, file=file, now=NOW)

    save(lea, do="save")

    draft = RubricDraft.objects.get()
    assert read_rubric(tables_of("answer", draft.sheet)).document == DOCUMENT


def test_lines_as_browsers_end_them_make_no_change(rubric, lea):
    save(lea, **{"criterion-1-guidance": "One.\r\nTwo."})

    sheet = RubricDraft.objects.get().sheet
    assert sheet["criteria"][0]["guidance"] == "One.\nTwo."


@pytest.mark.parametrize(
    ("edit", "keys", "where"),
    [
        ("criterion-1-down", ["b", "a"], "criterion-2"),
        ("criterion-2-up", ["b", "a"], "criterion-1"),
        ("criterion-1-up", ["a", "b"], "criterion-1"),
        ("criterion-2-down", ["a", "b"], "criterion-2"),
        ("criterion-1-remove", ["b"], "criterion-1"),
        ("criterion-add", ["a", "b", ""], "criterion-3"),
    ],
)
def test_criteria_are_added_moved_and_removed(edit, keys, where):
    criteria = [new_criterion("text") | {"key": key} for key in "ab"]
    sheet = {"criteria": criteria, "examples": []}

    edited, part = edit_sheet(sheet, edit, "text")

    assert [one["key"] for one in edited["criteria"]] == keys
    assert part == where
    assert [one["key"] for one in sheet["criteria"]] == ["a", "b"]


def test_options_of_a_pair_are_added_by_their_letters():
    sheet = {"criteria": [new_criterion("pairwise")], "examples": []}

    edited, part = edit_sheet(sheet, "criterion-1-option-add")

    values = [option["value"] for option in edited["criteria"][0]["options"]]
    assert values == ["A", "tie", "B", PAIR_LETTERS[2]]
    assert part == "criterion-1-option-4"


@pytest.mark.parametrize(
    "edit",
    ["", "option-1-up", "criterion-9-remove", "criterion-1-criterion-add",
     "criterion-9-option-add", "example-1-up", "criterion-0-up", "x"],
)  # fmt: skip
def test_an_edit_that_no_button_says_is_refused(edit):
    sheet = {"criteria": [new_criterion("text")], "examples": []}

    with pytest.raises(UnknownEdit):
        edit_sheet(sheet, edit)


def test_a_condition_follows_the_answer_it_waits_for_when_that_is_renamed(cast, lea):
    file = parse_rubric(FULL.encode())
    apply_rubric(project_id=cast.project.pk, file=file, now=NOW)

    save(lea, **{"criterion-1-key": "grade", "criterion-1-option-2-value": "bad"})

    sheet = RubricDraft.objects.get().sheet
    assert sheet["criteria"][1]["only_if"] == {"criterion": "grade", "values": ["bad"]}
    assert sheet["examples"][0]["ratings"]["grade"] == "bad"


def test_a_button_of_the_editor_keeps_what_was_typed_and_leads_to_the_part(rubric, lea):
    answer = save(lea, title="Typed", do="criterion-add", level="interval")

    assert answer.status_code == 303
    assert answer.url.endswith("?at=criterion-2#criterion-2")
    sheet = RubricDraft.objects.get().sheet
    assert sheet["title"] == "Typed"
    assert sheet["criteria"][1]["level"] == "interval"


def test_the_page_of_a_draft_swaps_the_editor_alone(rubric, lea):
    answer = lea.get(at("rubric_draft", "answer"), headers={"HX-Request": "true"})

    assert answer.text.lstrip().startswith('<div id="editor">')


def test_a_save_by_itself_answers_nothing(rubric, lea):
    answer = save(lea, title="Typed", do="keep")

    assert answer.status_code == 204
    assert RubricDraft.objects.get().sheet["title"] == "Typed"


def test_a_draft_with_faults_shows_each_next_to_its_field(rubric, lea):
    answer = save(
        lea, **{"criterion-1-option-2-value": "pass", "title": ""}, do="review"
    )

    assert answer.status_code == 422
    fields = answer.context["fields"]
    assert fields.head["title"].errors == ["Expected a text that is not empty."]
    assert fields.criteria[0].option_errors == ("'pass' is there more than once.",)
    assert 'href="#criterion-1-option"' in answer.text
    assert not RubricVersion.objects.filter(number=2).exists()


def test_the_check_shows_what_changed_and_the_form_of_the_reviewer(rubric, lea):
    save(lea, **{"criterion-1-option-2-anchor": "It is false."}, do="review")

    answer = lea.get(at("rubric_review", "answer"))

    assert "<del> wrong</del><ins> false</ins>" in answer.text
    assert 'value="fail"' in answer.text
    assert "data-criterion" in answer.text


def test_a_draft_with_faults_is_not_checked_but_mended(rubric, lea):
    save(lea, title="", do="save")

    answer = lea.get(at("rubric_review", "answer"), follow=True)

    assert answer.context["fields"].faults == (
        ("title", "expected a text that is not empty"),
    )


def test_publishing_makes_the_next_version_and_ends_the_draft(rubric, lea):
    save(lea, title="Second", do="save")

    answer = lea.post(at("rubric_publication", "answer"), {"revision": 1})

    assert answer.url == at("rubric_version", "answer", 2)
    assert RubricVersion.objects.get(number=2).title == "Second"
    assert RubricVersion.objects.get(number=1).title == "Answer"
    assert not RubricDraft.objects.exists()
    assert "What changed" in lea.get(answer.url).text


def test_what_another_lead_has_saved_since_is_not_overwritten(cast, rubric, lea):
    page = lea.get(at("rubric_draft", "answer"))
    sheet = sheet_of(RubricVersion.objects.get().document)
    keep = {"project_id": cast.project.pk, "slug": "answer", "now": NOW}
    keep_draft(**keep, sheet=sheet, revision=0, member_id=cast.adam.pk)

    answer = lea.post(
        at("rubric_draft", "answer"), fields_of(page) | {"title": "Mine", "do": "save"}
    )

    assert answer.status_code == 409
    assert answer.context["fields"].head["title"].value() == "Mine"
    assert RubricDraft.objects.get().sheet["title"] == "Answer"
    with pytest.raises(DraftChanged, match="adam saved this draft"):
        publish_draft(project_id=cast.project.pk, slug="answer", revision=0, now=NOW)


def test_a_rubric_is_begun_from_a_starter(cast, lea):
    answer = lea.post(at("rubrics"), {"title": "Is it fit?", "start": "one-to-five"})

    assert answer.url == at("rubric_draft", "is-it-fit")
    draft = RubricDraft.objects.get()
    assert draft.sheet["title"] == "Is it fit?"
    assert len(draft.sheet["criteria"][0]["options"]) == 5


def test_a_rubric_is_begun_from_a_file(cast, lea):
    upload = SimpleUploadedFile("r.toml", FULL.encode())

    answer = lea.post(at("rubrics"), {"file": upload})

    assert answer.url == at("rubric_draft", "answer")
    assert RubricDraft.objects.get().sheet["title"] == "Answer"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"title": "!"}, "Title: expected words"),
        ({"title": "Answer"}, "answer: there is a rubric of this name"),
        (
            {"file": SimpleUploadedFile("r.toml", b"rubric = 1")},
            "rubric: expected a text",
        ),
    ],
)
def test_a_rubric_that_cannot_be_begun_leaves_no_draft(rubric, lea, data, fault):
    answer = lea.post(at("rubrics"), data)

    assert answer.status_code == 422
    assert fault in answer.text
    assert not RubricDraft.objects.exists()


def test_the_draft_is_a_file_and_a_file_the_draft(rubric, lea):
    save(lea, title="Mine", do="save")
    upload = SimpleUploadedFile("r.toml", FULL.encode())

    written = lea.get(at("rubric_draft_file", "answer"))
    lea.post(at("rubric_draft_file", "answer"), {"file": upload, "revision": 1})

    assert parse_rubric(written.content).document["title"] == "Mine"
    assert RubricDraft.objects.get().sheet == sheet_of(DOCUMENT)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (FULL.replace('"answer"', '"other"', 1), "the file is of 'other', not"),
        ("title = 1", "title: expected a text"),
        ("", "rubric: expected a text"),
    ],
)
def test_a_file_that_is_refused_leaves_the_draft(rubric, lea, data, fault):
    save(lea, title="Mine", do="save")
    upload = SimpleUploadedFile("r.toml", data.encode() or b" ")

    answer = lea.post(
        at("rubric_draft_file", "answer"), {"file": upload, "revision": 1}, follow=True
    )

    assert fault in html.unescape(answer.text)
    assert RubricDraft.objects.get().sheet["title"] == "Mine"


def test_a_version_downloads_as_the_file_it_was_made_from(rubric, lea):
    answer = lea.get(at("rubric_file", "answer", 1))

    assert (
        parse_rubric(answer.content).document == parse_rubric(SMALL.encode()).document
    )
    assert "answer-1.toml" in answer.headers["Content-Disposition"]


def test_a_draft_is_thrown_away(rubric, lea):
    save(lea, title="Mine", do="save")

    lea.post(at("rubric_draft_removal", "answer"))

    assert not RubricDraft.objects.exists()


@pytest.mark.parametrize(
    "page", ["rubric", "rubric_draft", "rubric_review", "rubric_version", "rubric_file"]
)
def test_a_rubric_that_is_not_there_is_not_found(cast, lea, page):
    more = (1,) if page in ("rubric_version", "rubric_file") else ()

    assert lea.get(at(page, "nowhere", *more)).status_code == 404


def test_the_list_names_queues_on_an_older_version(cast, rubric, lea):
    make_queue(cast.project, RubricVersion.objects.get(), slug="old")
    later = SMALL.replace("wrong", "false")
    apply_rubric(project_id=cast.project.pk, file=parse_rubric(later.encode()), now=NOW)

    answer = lea.get(at("rubrics"))

    assert "on version 1" in answer.text


def test_the_list_asks_as_much_for_many_rubrics_as_for_one(
    cast, lea, django_assert_max_num_queries
):
    for number in range(5):
        text = SMALL.replace('"answer"', f'"answer-{number}"')
        apply_rubric(
            project_id=cast.project.pk, file=parse_rubric(text.encode()), now=NOW
        )

    with django_assert_max_num_queries(12):
        lea.get(at("rubrics"))


def changed(text: str) -> Any:
    return compare_rubrics(DOCUMENT, parse_rubric(text.encode()).document)


@pytest.mark.parametrize(
    ("before", "after", "title", "state"),
    [
        ('title = "Tone"', 'title = "Sound"', "Sound", "changed"),
        ('"tone"', '"sound"', "Tone", "changed"),
        ('"note"\ntitle = "Note"', '"why"\ntitle = "Why"', "Why", "added"),
        ('"note"\ntitle = "Note"', '"why"\ntitle = "Why"', "Note", "removed"),
    ],
)
def test_what_became_of_a_criterion_is_said(before, after, title, state):
    text = FULL.replace(before, after, 1).replace(', note = "n"', "")
    if '"sound"' in after:
        text = text.replace("tone = 0.5", "sound = 0.5")

    changes = changed(text)

    assert (title, state) in [(one.title, one.state) for one in changes.criteria]


def test_criteria_in_another_order_are_said_to_have_moved():
    document = DOCUMENT | {"criteria": DOCUMENT["criteria"][::-1]}

    changes = compare_rubrics(DOCUMENT, document)

    assert {one.state for one in changes.criteria} == {"moved"}


def test_a_version_against_itself_shows_no_change():
    assert compare_rubrics(DOCUMENT, DOCUMENT).is_empty


def test_a_reworded_text_is_compared_word_by_word():
    parts = compare_texts("It is quite wrong.", "It is wrong now.")

    assert parts == (
        ("same", "It is"), ("gone", " quite"), ("same", " wrong"),
        ("new", " now"), ("same", "."),
    )  # fmt: skip


@given(st.text(), st.text())
def test_a_comparison_holds_both_texts(before, after):
    parts = compare_texts(before, after)

    assert "".join(text for part, text in parts if part != "new") == before
    assert "".join(text for part, text in parts if part != "gone") == after


def test_a_draft_is_kept_once_for_a_rubric(cast):
    values: dict[str, Any] = {"sheet": {}, "saved_by": cast.lea, "saved_at": NOW}
    RubricDraft.objects.create(project=cast.project, slug="a", **values)
    other = make_project("other")

    RubricDraft.objects.create(project=other, slug="a", **values)

    with pytest.raises(Exception, match="rubricdraft_once_per_rubric"):
        RubricDraft.objects.create(project=cast.project, slug="a", **values)
