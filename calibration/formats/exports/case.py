"""A case as the tools ask for it: a question, answers, and what is expected."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

Json = dict[str, Any]

STEP_LABELS = "step_labels"
ROLES = ("system", "user", "assistant", "tool")
LETTERS = string.ascii_uppercase
# What is expected of an answer, and not of somebody who judges one.
ANSWERED = ("exact", "one_of", "numeric")


@dataclass(frozen=True)
class Head:
    """What there is to know of the release that is exported."""

    name: str
    version: str
    digest: str
    manifest: Json
    rubric: Json

    @property
    def cited(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def has_step_labels(self) -> bool:
        return bool(self.manifest.get(STEP_LABELS))

    @property
    def criteria(self) -> list[Json]:
        """The rated ones of items, in the order of the rubric: no tool has a place
        for a label of a step, which is in the release itself."""
        return [
            one
            for one in self.rubric["criteria"]
            if one["level"] != "text" and not one.get("per_step")
        ]


@dataclass(frozen=True)
class Case:
    """One line of the cases; those of an older release lack its last fields."""

    line: Json

    @property
    def id(self) -> str:
        return str(self.line["id"])

    @property
    def kind(self) -> str:
        return str(self.line["kind"])

    @property
    def content(self) -> Json:
        content: Json = self.line["content"]
        return content

    @property
    def labels(self) -> Json:
        labels: Json = self.line["labels"]
        return labels

    @property
    def cell(self) -> Json:
        return self.line.get("cell") or {"stratum": "", "bucket": ""}

    @property
    def weight(self) -> str:
        return self.line.get("weight") or "1.000000"

    @property
    def grading(self) -> Json:
        given: Json | None = self.line.get("grading")
        return given or {"type": "rubric_label", "criteria": list(self.labels)}

    @property
    def reference(self) -> str | None:
        found = self.line.get("reference")
        return found["text"] if found else None

    @property
    def responses(self) -> list[str]:
        return [one["text"] for one in self.content.get("responses", ())]

    @property
    def response(self) -> str | None:
        """The one response of a single or a trace."""
        found = self.responses
        return found[0] if len(found) == 1 and self.kind != "pair" else None

    @property
    def documents(self) -> list[str]:
        return [one["text"] for one in self.content.get("context", ())]

    @property
    def steps(self) -> list[Json]:
        return list(self.content.get("steps", ()))

    @cached_property
    def asked(self) -> list[Json]:
        """The question as messages; a trace may have none."""
        if self.content.get("prompt") is not None:
            return [{"role": "user", "content": self.content["prompt"]}]
        return [
            {"role": one["role"], "content": one["content"]}
            for one in self.content.get("messages", ())
        ]

    @cached_property
    def messages(self) -> list[Json]:
        """The question, and the steps of a trace as messages after it."""
        return self.asked + as_messages(self.steps)

    @property
    def question(self) -> str:
        """The question as one text; of a trace without one, its steps."""
        asked = self.asked or self.messages
        if len(asked) == 1 and asked[0]["role"] == "user":
            return str(asked[0]["content"])
        return transcript(asked)

    @property
    def expected(self) -> Any:
        """A text, a number, a list of them, or the labels by criterion."""
        grading = self.grading
        match grading["type"]:
            case "exact":
                return self.reference
            case "one_of":
                return list(grading["values"])
            case "numeric":
                return grading["value"]
            case _:
                given = self.judged
                return next(iter(given.values())) if len(given) == 1 else given

    @property
    def judged(self) -> Json:
        """The labels that are the answer, by criterion; none where a text is."""
        grading = self.grading
        if grading["type"] in ANSWERED:
            return {}
        wanted = grading.get("criteria") or [grading.get("criterion")]
        return {key: self.labels[key] for key in wanted if key in self.labels}

    @property
    def expected_text(self) -> str:
        return as_text(self.expected)

    @property
    def inputs(self) -> Json:
        """The question, and what was judged where the labels are the answer."""
        found: Json = {"messages": self.messages}
        if self.content.get("prompt") is not None and not self.steps:
            found = {"prompt": self.content["prompt"]}
        if self.documents:
            found["context"] = self.content["context"]
        return found | self.outputs if self.judged else found

    @property
    def outputs(self) -> Json:
        """What was answered."""
        if self.kind == "pair":
            return {"responses": by_letter(self.responses)}
        return {} if self.response is None else {"response": self.response}

    @property
    def expectations(self) -> Json:
        """The labels by criterion, or the answer."""
        found = self.judged or {"answer": self.expected}
        return (
            found if self.reference is None else found | {"reference": self.reference}
        )

    def metadata(self, head: Head, *without: str) -> Json:
        """The whole case but for `without`, and which release it is of."""
        kept = {name: value for name, value in self.line.items() if name not in without}
        return {"golden_set": head.cited, "digest": head.digest, **kept}


def read_case(line: str) -> Case:
    return Case(msgspec.json.decode(line))


def as_text(value: Any) -> str:
    """A label as a tool that compares text has to see it."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value, order="sorted").decode()


def by_letter(responses: list[str]) -> dict[str, str]:
    """The responses of a pair under the names that its labels have for them."""
    return dict(zip(LETTERS, responses, strict=False))


def arguments_of(call: Json) -> Json:
    """The arguments of a call as the object that the tools want."""
    text = call["function"]["arguments"]
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        found = text
    return found if isinstance(found, dict) else {"arguments": found}


def transcript(messages: list[Json]) -> str:
    """Messages as one text; calls of tools as JSON."""
    parts = []
    for message in messages:
        said = [message["content"]] if message["content"] else []
        for call in message.get("tool_calls", ()):
            function: Mapping[str, Any] = call["function"]
            said.append(f"{function['name']}({function['arguments']})")
        parts.append(f"{message['role']}: {' '.join(said)}")
    return "\n\n".join(parts)


def as_messages(steps: list[Json]) -> list[Json]:
    """Steps in the shape of a chat: a result answers the last open call of its name."""
    messages: list[Json] = []
    open_calls: list[tuple[str, str]] = []
    for number, step in enumerate(steps, start=1):
        text = step.get("text") or ""
        if step["type"] == "tool_call":
            call = (f"call_{number}", step.get("name") or "tool")
            open_calls.append(call)
            messages.append(_call(call, step.get("arguments"), text))
        elif step["type"] == "message" or not open_calls:
            messages.append({"role": _role(step), "content": text or _payload(step)})
        else:
            name = step.get("name")
            found = [one for one in open_calls if one[1] == name] or open_calls
            open_calls.remove(found[-1])
            messages.append(
                {
                    "role": "tool",
                    "tool_call_id": found[-1][0],
                    "name": name or found[-1][1],
                    "content": text or _payload(step),
                }
            )
    return messages


def _call(call: tuple[str, str], arguments: Any, text: str) -> Json:
    function = {
        "name": call[1],
        "arguments": as_text({} if arguments is None else arguments),
    }
    return {
        "role": "assistant",
        "content": text,
        "tool_calls": [{"id": call[0], "type": "function", "function": function}],
    }


def _role(step: Json) -> str:
    role = step.get("role")
    return role if role in ("system", "user", "assistant") else "assistant"


def _payload(step: Json) -> str:
    return as_text(step.get("arguments"))
