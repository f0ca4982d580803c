"""Conversations in the shapes that tools record them in, as native content."""

from dataclasses import dataclass, field
from typing import Any

from reviews.formats.items import InvalidItem
from reviews.formats.tools.found import Json, as_json, as_list, as_table, decoded

ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "AIMessageChunk": "assistant",
    "developer": "system",
    "function": "tool",
    "HumanMessage": "user",
    "AIMessage": "assistant",
    "SystemMessage": "system",
    "ToolMessage": "tool",
}
KNOWN = ("system", "user", "assistant", "tool")


@dataclass
class Turn:
    """One message: what was said, and which tools were called or answered."""

    role: str
    text: str = ""
    name: str | None = None
    calls: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def steps(self) -> list[Json]:
        if self.role == "tool":
            result = {"type": "tool_result", "text": self.text}
            return [result | ({"name": self.name} if self.name else {})]
        steps: list[Json] = []
        if self.text or not self.calls:
            steps.append({"type": "message", "role": self.role, "text": self.text})
        for name, arguments in self.calls:
            call = {"type": "tool_call", "name": name, "arguments": decoded(arguments)}
            steps.append(call)
        return steps


def read_turns(value: Any, where: str) -> list[Turn]:
    """A list of messages, one message, or a text that somebody asked."""
    value = decoded(value)
    if isinstance(value, str):
        return [Turn("user", value)]
    if isinstance(value, dict):
        value = value.get("messages", [value])
    # A batch of one.
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    turns: list[Turn] = []
    for place, one in enumerate(as_list(value)):
        turns += _read_turn(one, f"{where}[{place}]")
    return turns


def answer(turns: list[Turn]) -> tuple[list[Turn], Turn | None]:
    """The turns before the last one, and that, if it is an answer in words."""
    if turns and turns[-1].role == "assistant" and not turns[-1].calls:
        return turns[:-1], turns[-1]
    return turns, None


def content_of(asked: list[Turn], response: str | None) -> tuple[str, Json]:
    """The kind and the content: a trace where tools had a part, else a single."""
    responses = [] if response is None else [{"text": response}]
    if any(turn.calls or turn.role == "tool" for turn in asked):
        start = next(
            (
                place
                for place, turn in enumerate(asked)
                if turn.role not in ("system", "user")
            ),
            len(asked),
        )
        steps = [step for turn in asked[start:] for step in turn.steps]
        return "trace", _question(asked[:start]) | {
            "steps": steps,
            "responses": responses,
        }
    return "single", _question(asked) | {"responses": responses}


def _question(turns: list[Turn]) -> Json:
    if len(turns) == 1 and turns[0].role == "user":
        return {"prompt": turns[0].text}
    messages = [{"role": turn.role, "content": turn.text} for turn in turns]
    return {"messages": messages} if messages else {}


def _read_turn(value: Any, where: str) -> list[Turn]:
    """One message; those who answer several calls at once make several turns."""
    if isinstance(value, str):
        return [Turn("user", value)]
    if not isinstance(value, dict):
        raise InvalidItem([(where, "expected a message")])
    value = _unpacked(value)
    turn = Turn(_role(value, where), name=_name(value))
    parts = value.get("parts", value.get("content", value.get("contents")))
    results = _read_parts(turn, parts, where)
    for call in as_list(value.get("tool_calls")):
        turn.calls.append(_call(as_table(call)))
    if isinstance(value.get("function_call"), dict):
        turn.calls.append(_call(value["function_call"]))
    is_empty = not (turn.text or turn.calls)
    return results if results and is_empty else [turn, *results]


def _unpacked(value: Json) -> Json:
    """The message of LangChain's own envelopes."""
    inner = value.get("kwargs") or value.get("data")
    if isinstance(inner, dict) and "content" in inner:
        kind = as_list(value.get("id"))[-1:] or [value.get("type")]
        return {"role": kind[0], **inner} if "role" not in inner else inner
    return as_table(value.get("message")) or value


def _role(value: Json, where: str) -> str:
    given = value.get("role") or value.get("type")
    role = ROLES.get(str(given), given)
    if role not in KNOWN:
        raise InvalidItem(
            [(f"{where}.role", "expected system, user, assistant or tool")]
        )
    return str(role)


def _name(value: Json) -> str | None:
    name = value.get("name") or value.get("function")
    return name if isinstance(name, str) else None


def _read_parts(turn: Turn, parts: Any, where: str) -> list[Turn]:
    """Put what was said and called into the turn; give back results of tools."""
    if parts is None or isinstance(parts, str):
        turn.text = parts or ""
        return []
    results: list[Turn] = []
    texts: list[str] = []
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, str):
            texts.append(part)
            continue
        one = as_table(part)
        one = as_table(one.get("message_content")) or one
        match one.get("type"):
            case "tool_call" | "tool_use":
                turn.calls.append(_call(one))
            case "tool_call_response" | "tool_result":
                results.append(_result(one))
            case "reasoning" | "thinking":
                # What a model thought before it answered is no part of the answer.
                continue
            case _:
                texts.append(_text(one))
    turn.text = "\n\n".join(texts)
    return results


def _text(part: Json) -> str:
    for key in ("text", "content", "refusal"):
        if isinstance(part.get(key), str):
            return str(part[key])
    # What cannot be shown is said to have been there.
    return f"[{part.get('type') or 'part'}]"


def _call(value: Json) -> tuple[str, Any]:
    value = as_table(value.get("tool_call")) or value
    function = value.get("function")
    if isinstance(function, dict):
        return str(function.get("name") or "tool"), function.get("arguments")
    arguments = value.get("arguments", value.get("args", value.get("input")))
    return str(value.get("name") or function or "tool"), arguments


def _result(value: Json) -> Turn:
    found = value.get("response", value.get("result", value.get("content")))
    name = value.get("name")
    return Turn(
        "tool",
        found if isinstance(found, str) else as_json(found),
        name if isinstance(name, str) else None,
    )
