"""promptfoo results, as `promptfoo eval -o results.json` writes them (version 3)."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.tools.chats import content_of, read_turns
from reviews.formats.tools.found import (
    SOMEBODY,
    Found,
    Json,
    Outcome,
    Skipped,
    Vote,
    as_json,
    as_list,
    as_table,
    verdict,
    without_nothing,
)

PATHS = (("results", "results", "*"),)
KEPT = ("testIdx", "promptIdx", "promptId", "vars", "namedScores", "metadata")


def interpret(record: Json) -> Iterator[Outcome]:
    response = as_table(record.get("response"))
    if "output" not in response:
        yield Skipped("a test without an output")
        return
    external_id = record.get("id")
    graded = [one for one in _graded(record) if not _is_human(one)]
    output = response["output"]
    asked = read_turns(as_table(record.get("prompt")).get("raw") or "", "prompt.raw")
    kind, content = content_of(
        asked, output if isinstance(output, str) else as_json(output)
    )
    yield Found(
        line={
            "id": external_id,
            "kind": kind,
            "content": content,
            "signals": {"judges": [found for one in graded for found in _verdict(one)]},
            "provenance": {
                "source": "promptfoo",
                "responses": [_origin(record)],
                **without_nothing({key: record.get(key) for key in KEPT}),
                "description": as_table(record.get("testCase")).get("description"),
            },
        },
        votes=tuple(
            _vote(one, str(external_id)) for one in _graded(record) if _is_human(one)
        ),
    )


def _graded(record: Json) -> list[Json]:
    results = as_table(record.get("gradingResult")).get("componentResults")
    return [one for one in as_list(results) if isinstance(one, dict)]


def _is_human(graded: Json) -> bool:
    return as_table(graded.get("assertion")).get("type") == "human"


def _verdict(graded: Json) -> list[Json]:
    assertion = as_table(graded.get("assertion"))
    judge = assertion.get("metric") or assertion.get("type") or "promptfoo"
    return verdict(judge, _passed(graded), graded.get("score"), graded.get("reason"))


def _vote(graded: Json, item_id: str) -> Vote:
    assertion = as_table(graded.get("assertion"))
    return Vote(
        item_id=item_id,
        rater=SOMEBODY,
        criterion=str(assertion.get("metric") or "human"),
        label=_passed(graded),
        rationale=str(graded.get("comment") or graded.get("reason") or ""),
    )


def _passed(graded: Json) -> str:
    return "pass" if graded.get("pass") else "fail"


def _origin(record: Json) -> Json:
    provider = record.get("provider")
    named: Any = as_table(provider)
    model = named.get("label") or named.get("id") or provider
    return without_nothing(
        {
            "model": model if isinstance(model, str) else None,
            "cost": record.get("cost"),
            "latency_ms": record.get("latencyMs"),
        }
    )
