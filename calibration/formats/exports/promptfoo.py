"""promptfoo: tests for a judge, and the recorded answers to run graders over.

promptfoo renders text as a template, reads `file://` as a file, runs `package:` and
drops the newline at the end of a variable. Variables and asserted values are escaped,
so that it sees the text as it was. Metadata and recorded answers are not rendered.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from calibration.formats.exports.case import Case, Head, Json, as_text, by_letter
from calibration.formats.exports.files import Losses, json_lines, yaml_text

TESTS, RECORDED, CONFIG = "tests.jsonl", "recorded.jsonl", "promptfooconfig.yaml"
_TEMPLATE = re.compile(r"\{(?=[{%#])|[#%](?=\})")
_LOADED = re.compile(r"^(?:f(?=ile://)|p(?=ackage:))", re.IGNORECASE)


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    out.mkdir()
    (out / CONFIG).write_text(_config(head), encoding="utf-8")
    with json_lines(out / TESTS) as test, json_lines(out / RECORDED) as recorded:
        for case in cases:
            for one in _tests(head, case, losses):
                test(one)
            if case.response is None:
                losses["no recorded answer: there is a place for one a test"] += 1
            else:
                recorded(_test(head, case) | {"providerOutput": case.response})


def escape(text: str) -> str:
    """Text that comes out of promptfoo's templates as it was."""
    escaped = _TEMPLATE.sub(lambda match: f"{{{{ '{match[0]}' }}}}", text)
    escaped = _LOADED.sub(lambda match: f"{{{{ '{match[0]}' }}}}", escaped)
    return re.sub(r"\n\Z", r"{{ '\\n' }}", escaped)


def _tests(head: Head, case: Case, losses: Losses) -> Iterator[Json]:
    """One for each criterion that a judge would be asked about, or for the answer."""
    if not case.judged:
        if case.grading.get("ignore_case"):
            losses["compared with its case: there is no other comparison"] += 1
        yield _test(head, case) | {"assert": [_answered(case)]}
    for criterion, label in case.judged.items():
        test = _test(head, case)
        test["description"] = f"{case.id} {criterion}"
        test["vars"]["criterion"] = criterion
        test["assert"] = [_equals(as_text(label), criterion)]
        yield test


def _test(head: Head, case: Case) -> Json:
    values = {"input": case.question}
    if case.documents:
        # A list would make one test of each of its elements.
        values["context"] = "\n\n".join(case.documents)
    if case.kind == "pair":
        named = by_letter(case.responses)
        values |= {f"response_{key.lower()}": text for key, text in named.items()}
    elif case.response is not None:
        values["response"] = case.response
    return {
        "description": case.id,
        "vars": {name: escape(text) for name, text in values.items()},
        "metadata": {"item_id": case.id, **case.metadata(head)},
    }


def _answered(case: Case) -> Json:
    grading = case.grading
    match grading["type"]:
        case "one_of":
            values = [_equals(value, "answer") for value in grading["values"]]
            # Passed when at least one is.
            return {
                "type": "assert-set",
                "threshold": 1 / len(values),
                "assert": values,
            }
        case "numeric":
            return {"type": "javascript", "value": _near(grading), "metric": "answer"}
        case _:
            return _equals(case.expected_text, "answer")


def _equals(text: str, metric: str) -> Json:
    return {"type": "equals", "value": escape(text), "metric": metric}


def _near(grading: Json) -> str:
    """Code that promptfoo runs; made of numbers alone."""
    value, tolerance = (f"{Decimal(grading[key]):f}" for key in ("value", "tolerance"))
    if grading.get("is_relative"):
        tolerance = f"{tolerance} * Math.abs({value})"
    return f"Math.abs(Number(output) - ({value})) <= {tolerance}"


def _config(head: Head) -> str:
    lines: list[Any] = [
        f"description: {yaml_text(head.cited)}",
        "# Put your judge and its prompt here; echo answers with the prompt itself.",
        "prompts: ['{{input}}']",
        "providers: [echo]",
        f"tests: file://{TESTS}",
        f"# The recorded answers, for graders without a call: file://{RECORDED}",
    ]
    return "\n".join(lines) + "\n"
