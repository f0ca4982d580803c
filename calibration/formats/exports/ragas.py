"""RAGAS: samples of one turn and of many, and beside each file the ids of its lines.

RAGAS keeps nothing that it does not know, so what else there is of a case stands in
the same line of the other file. Roles are its own: it would take any other for a human.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json, arguments_of
from calibration.formats.exports.files import Losses, Write, json_lines

SINGLE, MULTI = "single_turn", "multi_turn"
SPEAKERS = {"user": "human", "assistant": "ai", "tool": "tool"}


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    out.mkdir()
    with ExitStack() as stack:
        files: dict[str, tuple[Write, Write]] = {}
        for case in cases:
            turns = MULTI if len(case.messages) > 1 else SINGLE
            if turns not in files:
                names = (f"{turns}.jsonl", f"{turns}.ids.jsonl")
                one, other = (
                    stack.enter_context(json_lines(out / name)) for name in names
                )
                files[turns] = (one, other)
            sample, rest = files[turns]
            sample(_many(case, losses) if turns == MULTI else _one(case))
            rest({"id": case.id, **case.metadata(head, "id")})
            losses["id, labels and all else: in the .ids.jsonl beside it"] += 1


def _one(case: Case) -> Json:
    sample: Json = {"user_input": case.question, "reference": case.expected_text}
    if case.documents:
        sample["retrieved_contexts"] = case.documents
    if case.kind == "pair":
        sample["multi_responses"] = case.responses
    elif case.response is not None:
        sample["response"] = case.response
    return sample


def _many(case: Case, losses: Losses) -> Json:
    messages = list(case.messages)
    if case.kind == "pair":
        losses["no responses: a conversation has a place for one"] += 1
    elif case.response is not None:
        messages.append({"role": "assistant", "content": case.response})
    if any(one["role"] == "system" for one in messages):
        losses["system messages: there is no such speaker"] += 1
    if case.documents:
        losses["context: a conversation has none"] += 1
    turns = [_turn(one) for one in messages if one["role"] in SPEAKERS]
    return {"user_input": turns, "reference": case.expected_text}


def _turn(message: Json) -> Json:
    turn: Json = {"type": SPEAKERS[message["role"]], "content": message["content"]}
    if "tool_calls" in message:
        turn["tool_calls"] = [
            {"name": call["function"]["name"], "args": arguments_of(call)}
            for call in message["tool_calls"]
        ]
    return turn
