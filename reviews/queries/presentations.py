"""What a reviewer is shown of an assignment: allow-listed fields and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from reviews.models import Assignment, Presentable


class UnknownAssignment(Exception):
    """No assignment with that id belongs to this person."""


@dataclass(frozen=True)
class Message:
    role: str
    text: str


@dataclass(frozen=True)
class Passage:
    number: int
    title: str
    text: str


@dataclass(frozen=True)
class ShownResponse:
    """A response in the place in which this reviewer sees it."""

    name: str
    text: str


@dataclass(frozen=True)
class Step:
    number: int
    type: str
    role: str
    name: str
    text: str
    arguments: Any


@dataclass(frozen=True)
class Presentation:
    """How one reviewer sees one item."""

    assignment: UUID
    batch: UUID
    kind: str
    position: int
    batch_size: int
    messages: tuple[Message, ...]
    context: tuple[Passage, ...]
    responses: tuple[ShownResponse, ...]
    steps: tuple[Step, ...]
    # Without formatting, which is a cue to who wrote it.
    is_plain: bool = False


@dataclass(frozen=True)
class Hand:
    """An assignment in its reviewer's hand: what a submit needs to know.

    `response_order` gives the canonical index of the response shown in each
    place; it is how a rating of a side becomes a rating of a response.
    """

    assignment_id: int
    public_id: UUID
    batch_id: int
    batch: UUID
    rubric_version_id: int
    response_order: tuple[int, ...]
    status: str
    leased_until: datetime | None
    # What the queue lets its reviewers do with an item besides rating it.
    authority: tuple[str, ...] = ("ESCALATE",)


@dataclass(frozen=True)
class ItemContent:
    """An item's masked content in canonical order, for those who settle disputes."""

    kind: str
    messages: tuple[Message, ...]
    context: tuple[Passage, ...]
    responses: tuple[ShownResponse, ...]
    steps: tuple[Step, ...]
    is_plain: bool = False


SIDE_NAMES = "ABCDEFGH"


HAND = """
SELECT assignment.id, assignment.public_id, batch.id, batch.public_id,
    assignment.rubric_version_id, assignment.response_order, assignment.status,
    assignment.leased_until, queue.authority
FROM reviews_assignment assignment
JOIN reviews_queue queue ON queue.id = assignment.queue_id
JOIN reviews_batch batch ON batch.id = assignment.batch_id
JOIN reviews_member member ON member.id = assignment.reviewer_id
WHERE assignment.public_id = %s AND member.user_id = %s AND member.is_active
"""


def get_hand(*, public_id: UUID, user_id: int, for_submit: bool = False) -> Hand:
    """The assignment, if this person holds or held it.

    For a submit it stays locked until the transaction ends: what is read of it
    then holds, and a second submit of it waits for the first.
    """
    lock = "FOR NO KEY UPDATE OF assignment" if for_submit else ""
    with connection.cursor() as cursor:
        cursor.execute(HAND + lock, [public_id, user_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownAssignment(str(public_id))
    return make_hand(row)


def make_hand(row: Sequence[Any]) -> Hand:
    """Of a row with the columns of HAND."""
    assignment_id, public_id, batch_id, batch, version, order, status = row[:7]
    return Hand(
        assignment_id=assignment_id,
        public_id=public_id,
        batch_id=batch_id,
        batch=batch,
        rubric_version_id=version,
        response_order=tuple(order),
        status=status,
        leased_until=row[7],
        authority=tuple(row[8]),
    )


def get_presentation(*, public_id: UUID, user_id: int) -> Presentation:
    hand = get_hand(public_id=public_id, user_id=user_id)
    kind, position, batch_size, content, is_plain = Assignment.objects.values_list(
        "item__kind",
        "position",
        "batch__size",
        "item__presentable__content",
        "queue__plain_text",
    ).get(pk=hand.assignment_id)
    return make_presentation(
        hand,
        kind=kind,
        position=position,
        batch_size=batch_size,
        content=content,
        is_plain=is_plain,
    )


def make_presentation(
    hand: Hand,
    *,
    kind: str,
    position: int,
    batch_size: int,
    content: dict[str, Any],
    is_plain: bool,
) -> Presentation:
    return Presentation(
        assignment=hand.public_id,
        batch=hand.batch,
        kind=kind,
        position=position,
        batch_size=batch_size,
        messages=_messages(content),
        context=_context(content),
        responses=_responses(content, hand.response_order),
        steps=_steps(content),
        is_plain=is_plain,
    )


def get_item_content(item_id: int, *, is_plain: bool = False) -> ItemContent | None:
    """What reviewers of the item saw; None where nothing was prepared yet."""
    row = (
        Presentable.objects.filter(item_id=item_id)
        .values_list("item__kind", "content")
        .first()
    )
    if row is None:
        return None
    kind, content = row
    return ItemContent(
        kind=kind,
        messages=_messages(content),
        context=_context(content),
        responses=_responses(content, list(range(len(content.get("responses", []))))),
        steps=_steps(content),
        is_plain=is_plain,
    )


def _messages(content: dict[str, Any]) -> tuple[Message, ...]:
    if "prompt" in content:
        return (Message(role="user", text=content["prompt"]),)
    return tuple(
        Message(role=message["role"], text=message["content"])
        for message in content.get("messages", [])
    )


def _context(content: dict[str, Any]) -> tuple[Passage, ...]:
    return tuple(
        Passage(number=number, title=passage.get("title", ""), text=passage["text"])
        for number, passage in enumerate(content.get("context", []), start=1)
    )


def _responses(
    content: dict[str, Any], order: Sequence[int]
) -> tuple[ShownResponse, ...]:
    responses = content.get("responses", [])
    return tuple(
        ShownResponse(name=SIDE_NAMES[place], text=responses[index]["text"])
        for place, index in enumerate(order)
    )


def _steps(content: dict[str, Any]) -> tuple[Step, ...]:
    return tuple(
        Step(
            number=number,
            type=step["type"],
            role=step.get("role", ""),
            name=step.get("name", ""),
            text=step.get("text", ""),
            arguments=step.get("arguments"),
        )
        for number, step in enumerate(content.get("steps", []), start=1)
    )
