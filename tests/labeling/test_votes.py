"""Votes of people in the files of other tools become judgments."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from labeling.models import Judgment, Rating
from reviews.models import Item
from tests.factories import make_item, make_project, make_queue, make_rubric
from tests.reviews.tool_files import encoded, votes_of

LANGFUSE = {
    "name": "quality",
    "value": 1,
    "string_value": "good",
    "data_type": "CATEGORICAL",
    "source": "ANNOTATION",
    "author_user_id": "u-1",
    "observation_id": "item",
    "trace_id": "t-1",
    "comment": "Clear.",
    "timestamp": "2026-03-02 09:00:00.000000",
}
LANGSMITH = {
    "key": "quality",
    "run_id": "item",
    "score": None,
    "value": "good",
    "comment": "Clear.",
    "feedback_source": {"type": "app", "user_id": "u-1"},
    "created_at": "2026-03-02T09:00:00+00:00",
}
PHOENIX = {
    "name": "quality",
    "annotator_kind": "HUMAN",
    "span_id": "item",
    "user_id": "u-1",
    "result": {"label": "good", "score": 1.0, "explanation": "Clear."},
}
TEXTS = {"prompt": "?", "response": "!"}
LABEL_STUDIO = {
    "id": 7,
    "data": {"item_id": "item", **TEXTS},
    "annotations": [
        {
            "completed_by": 3,
            "was_cancelled": False,
            "result": [
                {
                    "from_name": "quality",
                    "type": "choices",
                    "value": {"choices": ["good"]},
                }
            ],
        },
        {"completed_by": 4, "was_cancelled": True, "result": []},
    ],
}
ARGILLA = {
    "id": "item",
    "fields": TEXTS,
    "responses": {
        "quality": [
            {"value": "good", "user_id": "u-1", "status": "submitted"},
            {"value": "bad", "user_id": "u-2", "status": "draft"},
        ]
    },
}
INSPECT = {
    "uuid": "item",
    "messages": [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "!"},
    ],
    "output": {"choices": [{}]},
    "scores": {
        "quality": {
            "value": "good",
            "history": [
                {"value": "bad"},
                {"value": "good", "provenance": {"author": "u-1", "reason": "Clear."}},
            ],
        }
    },
}
PROMPTFOO = {
    "id": "item",
    "prompt": {"raw": "?"},
    "response": {"output": "!"},
    "gradingResult": {
        "componentResults": [
            {
                "pass": True,
                "score": 1,
                "reason": "Clear.",
                "assertion": {"type": "human"},
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("tool", "data", "expected"),
    [
        ("langfuse", encoded([LANGFUSE]), ("item", "u-1", "quality", "good", "Clear.")),
        (
            "langsmith",
            encoded([LANGSMITH]),
            ("item", "u-1", "quality", "good", "Clear."),
        ),
        (
            "openinference",
            encoded([PHOENIX]),
            ("item", "u-1", "quality", "good", "Clear."),
        ),
        ("label-studio", encoded([LABEL_STUDIO]), ("item", "3", "quality", "good", "")),
        ("argilla", encoded([ARGILLA]), ("item", "u-1", "quality", "good", "")),
        (
            "inspect",
            encoded({"samples": [INSPECT]}),
            ("item", "u-1", "quality", "good", "Clear."),
        ),
        (
            "promptfoo",
            encoded({"results": {"results": [PROMPTFOO]}}),
            ("item", "unnamed", "human", "pass", "Clear."),
        ),
    ],
)
def test_a_vote_of_a_person_is_found(tool, data, expected):
    (vote,) = votes_of(tool, data)

    found = (vote.item_id, vote.rater, vote.criterion, vote.label, vote.rationale)
    assert found == expected


@pytest.mark.parametrize(
    ("tool", "record"),
    [
        ("langfuse", LANGFUSE | {"source": "EVAL"}),
        ("langfuse", LANGFUSE | {"data_type": "CORRECTION"}),
        ("langsmith", LANGSMITH | {"feedback_source": {"type": "model"}}),
        ("openinference", PHOENIX | {"annotator_kind": "LLM"}),
    ],
)
def test_what_no_person_said_is_no_vote(tool, record):
    assert votes_of(tool, encoded([record])) == []


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({"value": 0.5, "string_value": None}, "0.5"),
        ({"value": 1.0, "string_value": ""}, "1"),
        ({"value": 1, "string_value": "True"}, "True"),
    ],
)
def test_a_score_is_read_as_the_label_that_it_says(value, label):
    (vote,) = votes_of("langfuse", encoded([LANGFUSE | value]))

    assert vote.label == label


def test_sides_of_a_pair_are_called_as_they_are_here():
    result = {"from_name": "better", "type": "pairwise", "value": {"selected": "right"}}
    task = {
        "id": 1,
        "data": {"prompt": "?", "response_a": "1", "response_b": "2"},
        "annotations": [{"completed_by": {"email": "a@b.example"}, "result": [result]}],
    }

    (vote,) = votes_of("label-studio", encoded([task]))

    assert (vote.rater, vote.label) == ("a@b.example", "B")


def test_several_choices_are_one_vote():
    annotation = LABEL_STUDIO["annotations"][0]  # type: ignore[index]
    result = annotation["result"][0] | {"value": {"choices": ["a", "b"]}}
    task = LABEL_STUDIO | {"annotations": [annotation | {"result": [result]}]}

    assert [vote.label for vote in votes_of("label-studio", encoded([task]))] == ["a|b"]


@pytest.fixture
def queue(db):
    project = make_project()
    make_item(project, external_id="item")
    return make_queue(project, make_rubric(project))


def run(capsys, path, form: str, **options: Any) -> dict[str, Any]:
    call_command(
        "import_judgments", path, queue="answers", form=form, json=True, **options
    )
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_votes_go_in_as_judgments_of_imported_raters(queue, tmp_path, capsys):
    path = tmp_path / "scores.jsonl"
    other = LANGFUSE | {"author_user_id": "u-2", "string_value": "bad"}
    path.write_bytes(
        encoded([LANGFUSE, other, LANGFUSE | {"source": "API"}], lines=True)
    )

    report = run(capsys, path, "langfuse")

    assert (report["judgments_added"], report["raters"]) == (2, 2)
    assert sorted(Rating.objects.values_list("value", flat=True)) == ["bad", "good"]
    assert {one.item_id for one in Judgment.objects.all()} == {Item.objects.get().pk}
    assert Rating.objects.filter(rationale="Clear.").count() == 2


def test_names_of_the_tool_are_taken_for_those_of_the_rubric(queue, tmp_path, capsys):
    path = tmp_path / "scores.json"
    helpful = {"name": "helpful", "string_value": "True", "data_type": "BOOLEAN"}
    path.write_bytes(encoded([LANGFUSE | helpful, LANGFUSE | {"name": "other"}]))

    report = run(
        capsys, path, "langfuse", criteria=["quality=helpful"], values=["good=True"]
    )

    assert report["judgments_added"] == 1
    assert Rating.objects.get().value == "good"


def test_a_vote_that_does_not_fit_is_told_by_its_record(queue, tmp_path):
    path = tmp_path / "scores.json"
    bad = [LANGFUSE | {"string_value": "superb"}, LANGFUSE | {"observation_id": "else"}]
    path.write_bytes(encoded([LANGFUSE | {"source": "EVAL"}, *bad, 17]))

    with pytest.raises(CommandError) as refused:
        call_command("import_judgments", path, queue="answers", form="langfuse")

    assert "record 2: label: expected" in str(refused.value)
    assert "record 3: item_id: there is no item 'else'" in str(refused.value)
    assert "record 4: record: expected one JSON object" in str(refused.value)
    assert not Judgment.objects.exists()


def test_a_second_vote_of_one_person_is_told_with_the_record_of_the_first(
    queue, tmp_path
):
    path = tmp_path / "scores.json"
    skipped = LANGFUSE | {"source": "EVAL"}
    path.write_bytes(encoded([skipped, LANGFUSE, LANGFUSE]))

    with pytest.raises(CommandError, match="record 3: line: repeats one of record 2"):
        call_command("import_judgments", path, queue="answers", form="langfuse")
