"""Argilla: records with the labels as suggestions, and settings to make a dataset of.

A suggestion has an agent; a response would need the id of a user of that Argilla.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from calibration.formats.exports.case import (
    STEP_LABELS,
    Case,
    Head,
    Json,
    as_text,
    by_letter,
    transcript,
)
from calibration.formats.exports.files import Losses, json_array, write_json

RECORDS, SETTINGS = "records.json", "settings.json"
FIELDS = ("prompt", "context", "steps", "response", "response_a", "response_b")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    out.mkdir()
    write_json(out / SETTINGS, _settings(head))
    with json_array(out / RECORDS) as add:
        for case in cases:
            if len(case.responses) > 2:
                losses["responses after the second: there are two fields"] += 1
            losses["signals, provenance: metadata holds single values alone"] += 1
            if case.line.get(STEP_LABELS):
                losses["the labels of steps"] += 1
            add(_record(head, case))


def _record(head: Head, case: Case) -> Json:
    fields = {"prompt": case.question}
    if len(case.asked) > 1:
        fields["prompt"] = transcript(case.asked)
    if case.documents:
        fields["context"] = "\n\n".join(case.documents)
    if case.steps:
        fields["steps"] = transcript(case.messages[len(case.asked) :])
    if case.kind == "pair":
        named = by_letter(case.responses[:2])
        fields |= {f"response_{key.lower()}": text for key, text in named.items()}
    elif case.response is not None:
        fields["response"] = case.response
    return {
        "id": case.id,
        "fields": fields,
        "metadata": {
            "golden_set": head.cited,
            "kind": case.kind,
            "stratum": case.cell["stratum"],
            "bucket": case.cell["bucket"],
            "weight": float(case.weight),
        },
        "suggestions": {
            one["key"]: _suggestion(head, one, case.labels[one["key"]])
            for one in head.criteria
            if one["key"] in case.labels
        },
        "responses": {},
        "vectors": {},
        "status": "pending",
    }


def _suggestion(head: Head, criterion: Json, label: Any) -> Json:
    value = as_text(label) if criterion["level"] == "interval" else label
    return {"value": value, "score": None, "agent": head.cited}


def _settings(head: Head) -> Json:
    return {
        "guidelines": head.rubric.get("guidance") or None,
        "fields": [
            {
                "name": name,
                "title": name.replace("_", " "),
                # Of a question nothing else need be there.
                "required": name == "prompt",
                "settings": {"type": "text", "use_markdown": False},
            }
            for name in FIELDS
        ],
        "questions": [_question(one) for one in head.criteria],
        "metadata": [],
        "vectors": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
    }


def _question(criterion: Json) -> Json:
    return {
        "name": criterion["key"],
        "title": criterion["title"],
        "description": criterion["guidance"] or None,
        "required": criterion["required"],
        "settings": _answers(criterion),
    }


def _answers(criterion: Json) -> Json:
    """A number has no question of its own but one of whole numbers up to ten."""
    if criterion["level"] == "interval":
        return {"type": "text", "use_markdown": False}
    options = [
        {
            "value": one["value"],
            "text": one["title"],
            "description": one["anchor"] or None,
        }
        for one in criterion["options"]
    ]
    is_many = criterion["level"] == "multi-label"
    kind = "multi_label_selection" if is_many else "label_selection"
    return {"type": kind, "options": options}
