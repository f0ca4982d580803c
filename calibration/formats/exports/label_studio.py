"""Label Studio: tasks with the labels as ground truth, and a configuration for them."""

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

from calibration.formats.exports.case import Case, Head, Json, by_letter, transcript
from calibration.formats.exports.files import Losses, json_array

TASKS, CONFIG = "tasks.json", "config.xml"
# Every task has all of them: the page asks for each by name.
SHOWN = ("prompt", "context", "steps", "response", "response_a", "response_b")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    out.mkdir()
    (out / CONFIG).write_text(_config(head), encoding="utf-8")
    with json_array(out / TASKS) as add:
        for case in cases:
            if len(case.responses) > 2:
                losses["responses after the second: not on the page"] += 1
            add(_task(head, case))


def _task(head: Head, case: Case) -> Json:
    data = dict.fromkeys(SHOWN, "")
    data["prompt"] = transcript(case.asked) if len(case.asked) > 1 else case.question
    data["context"] = "\n\n".join(case.documents)
    if case.steps:
        data["steps"] = transcript(case.messages[len(case.asked) :])
    if case.kind == "pair":
        named = by_letter(case.responses)
        data |= {f"response_{key.lower()}": text for key, text in named.items()}
    elif case.response is not None:
        data["response"] = case.response
    results = [_result(one, case.labels) for one in head.criteria]
    return {
        "data": {"id": case.id, "kind": case.kind, **data},
        "meta": case.metadata(head, "id"),
        "annotations": [
            {
                "ground_truth": True,
                "was_cancelled": False,
                "result": [one for one in results if one is not None],
            }
        ],
    }


def _result(criterion: Json, labels: Json) -> Json | None:
    key = criterion["key"]
    if key not in labels:
        return None
    value = labels[key]
    if criterion["level"] == "interval":
        kind, found = "number", {"number": value}
    else:
        kind = "choices"
        found = {"choices": value if isinstance(value, list) else [value]}
    return {"from_name": key, "to_name": "prompt", "type": kind, "value": found}


def _config(head: Head) -> str:
    lines = ["<View>"]
    for name in SHOWN:
        lines.append(f'  <Header value="{name.replace("_", " ")}"/>')
        lines.append(f'  <Text name="{name}" value="${name}" valueType="text"/>')
    for criterion in head.criteria:
        lines += _control(criterion)
    return "\n".join([*lines, "</View>"]) + "\n"


def _control(criterion: Json) -> list[str]:
    name = f'name={quoteattr(criterion["key"])} toName="prompt"'
    header = f"  <Header value={quoteattr(criterion['title'])}/>"
    if criterion["level"] == "interval":
        low, high = criterion.get("minimum"), criterion.get("maximum")
        bounds = "".join(
            f' {bound}="{value}"'
            for bound, value in (("min", low), ("max", high))
            if value is not None
        )
        return [header, f"  <Number {name}{bounds}/>"]
    choice = "multiple" if criterion["level"] == "multi-label" else "single"
    options = [
        f"    <Choice value={quoteattr(one['value'])}/>" for one in criterion["options"]
    ]
    return [header, f'  <Choices {name} choice="{choice}">', *options, "  </Choices>"]
