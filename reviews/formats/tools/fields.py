"""Records of named texts: which of them was asked, which answered."""

import re
from typing import Any

from reviews.formats.items import InvalidItem
from reviews.formats.tools.chats import content_of, read_turns
from reviews.formats.tools.found import Json, as_list, label_text, without_nothing

QUESTIONS = ("prompt", "messages", "question", "instruction", "query", "input", "chat")
ANSWERS = (
    "response",
    "answer",
    "completion",
    "output",
    "generation",
    "prediction",
    "reply",
)
DOCUMENTS = ("context", "contexts", "documents", "retrieved_contexts", "passage")
_SIDE = re.compile(rf"({'|'.join(ANSWERS)})s?[_ -]?([a-h]|[1-8])")


def content_of_fields(fields: Json, where: str) -> tuple[str, Json, Json]:
    """The kind, the content, and the fields that are neither."""
    asked = next((name for name in QUESTIONS if fields.get(name)), None)
    answered = next(
        (name for name in ANSWERS if fields.get(name) not in (None, "")), None
    )
    sides = sorted(name for name in fields if _SIDE.fullmatch(name) and fields[name])
    if asked is None or not (answered or len(sides) > 1):
        raise InvalidItem(
            [
                (
                    where,
                    f"expected a question ({', '.join(QUESTIONS)}) and one answer "
                    f"({', '.join(ANSWERS)}) or several (response_a, response_b), "
                    f"found {', '.join(sorted(fields)) or 'nothing'}",
                )
            ]
        )
    kind, content = content_of(read_turns(fields[asked], f"{where}.{asked}"), None)
    given = [fields[name] for name in ([answered] if answered else sides)]
    content["responses"] = [{"text": label_text(one)} for one in given]
    if isinstance(fields.get("steps"), str) and answered:
        # A trace that was shown as one text.
        kind = "trace"
        content["steps"] = [{"type": "message", "text": fields["steps"]}]
    documents = next((name for name in DOCUMENTS if fields.get(name)), None)
    if documents:
        content["context"] = _documents(fields[documents])
    taken = {asked, answered, documents, *sides, *content}
    rest = {name: value for name, value in fields.items() if name not in taken}
    return "pair" if not answered else kind, content, without_nothing(rest)


def _documents(value: Any) -> list[Json]:
    listed = as_list(value) or [value]
    return [
        one if isinstance(one, dict) else {"text": label_text(one)} for one in listed
    ]
