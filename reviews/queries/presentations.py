"""What a reviewer is shown of an assignment: allow-listed fields and no others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.safestring import SafeString, mark_safe

from reviews.models import ItemKind
from reviews.rendering.pieces import Pieces, made_with, make_pieces


class UnknownAssignment(Exception):
    """No assignment with that id belongs to this person."""


@dataclass(frozen=True)
class ShownResponse:
    """A response in the place in which it is seen."""

    name: str
    html: SafeString


@dataclass(frozen=True, kw_only=True)
class ItemContent:
    """An item's masked content as HTML: for those who settle disputes in canonical
    order."""

    opening: SafeString
    responses: tuple[ShownResponse, ...]
    n_passages: int = 0
    n_steps: int = 0
    # Without formatting, which is a cue to who wrote it.
    is_plain: bool = False

    @property
    def kind(self) -> ItemKind:
        if len(self.responses) > 1:
            return ItemKind.PAIR
        return ItemKind.TRACE if self.n_steps else ItemKind.SINGLE

    @property
    def passages(self) -> range:
        return range(1, self.n_passages + 1)


@dataclass(frozen=True, kw_only=True)
class Presentation(ItemContent):
    """How one reviewer sees one item."""

    assignment: UUID
    batch: UUID


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
    project_id: int
    queue_title: str
    # Without formatting, which is a cue to who wrote it.
    is_plain: bool
    # What the queue lets its reviewers do with an item besides rating it.
    authority: tuple[str, ...]


SIDE_NAMES = "ABCDEFGH"

HAND = """
SELECT assignment.id, assignment.public_id, batch.id, batch.public_id,
    assignment.rubric_version_id, assignment.response_order, assignment.status,
    assignment.leased_until, queue.project_id, queue.title, queue.plain_text,
    queue.authority
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
    hand = Hand(*row)
    return replace(
        hand,
        response_order=tuple(hand.response_order),
        authority=tuple(hand.authority),
    )


# The pieces of an item, made with what is given; with something else, the content
# to make them of.
PIECES = """
presentable.opening, presentable.responses, presentable.n_passages,
presentable.n_steps,
CASE WHEN presentable.made_with = %s THEN NULL ELSE presentable.content END
"""


def read_pieces(row: Sequence[Any]) -> Pieces:
    """Of a row with the columns of PIECES."""
    opening, responses, n_passages, n_steps, content = row
    if content is not None:
        return make_pieces(json.loads(content))
    return Pieces(opening, tuple(responses), n_passages, n_steps)


CONTENT = f"""
SELECT {PIECES} FROM reviews_presentable presentable WHERE presentable.item_id = %s
"""  # noqa: S608
SHOWN_CONTENT = f"""
SELECT {PIECES} FROM reviews_presentable presentable
JOIN reviews_assignment assignment ON assignment.item_id = presentable.item_id
WHERE assignment.id = %s
"""  # noqa: S608


def get_presentation(*, public_id: UUID, user_id: int) -> Presentation:
    hand = get_hand(public_id=public_id, user_id=user_id)
    with connection.cursor() as cursor:
        cursor.execute(SHOWN_CONTENT, [made_with(), hand.assignment_id])
        return make_presentation(hand, read_pieces(cursor.fetchone()))


def make_presentation(hand: Hand, pieces: Pieces) -> Presentation:
    return Presentation(
        assignment=hand.public_id,
        batch=hand.batch,
        opening=mark_safe(pieces.opening),  # noqa: S308
        responses=_responses(pieces, hand.response_order),
        n_passages=pieces.n_passages,
        n_steps=pieces.n_steps,
        is_plain=hand.is_plain,
    )


def get_item_content(item_id: int, *, is_plain: bool = False) -> ItemContent | None:
    """What reviewers of the item saw; None where nothing was prepared yet."""
    with connection.cursor() as cursor:
        cursor.execute(CONTENT, [made_with(), item_id])
        row = cursor.fetchone()
    if row is None:
        return None
    pieces = read_pieces(row)
    return ItemContent(
        opening=mark_safe(pieces.opening),  # noqa: S308
        responses=_responses(pieces, range(len(pieces.responses))),
        n_passages=pieces.n_passages,
        n_steps=pieces.n_steps,
        is_plain=is_plain,
    )


def _responses(pieces: Pieces, order: Sequence[int]) -> tuple[ShownResponse, ...]:
    return tuple(
        ShownResponse(
            name=SIDE_NAMES[place],
            html=mark_safe(pieces.responses[index]),  # noqa: S308
        )
        for place, index in enumerate(order)
    )
