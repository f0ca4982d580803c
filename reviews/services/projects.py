"""Projects and the people in them."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from reviews.models import Member, Origin, Project, Role, User

WORDS_OF_PASSWORD = 18


class AlreadyMember(Exception):
    """The account has its part in the project; roles are changed, not added."""


class ProjectThere(Exception):
    """A project of that name is there already."""


class NoUsername(Exception):
    """The name cannot be that of an account."""


class UnknownAccount(Exception):
    """There is no account of that name."""


@dataclass(frozen=True)
class NewMember:
    member_id: int
    username: str
    # None where the account was there before.
    password: str | None


def get_or_create_project(
    *, slug: str, now: datetime, name: str = "", is_sample: bool = False
) -> tuple[int, bool]:
    """The project's id, and whether it was made."""
    validate_slug(slug)
    project, created = Project.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name or slug.replace("-", " ").capitalize(),
            "created_at": now,
            "is_sample": is_sample,
        },
    )
    return project.pk, created


@transaction.atomic
def found_project(*, slug: str, name: str, username: str, now: datetime) -> int:
    """Make a project, with its first lead; its id."""
    project_id, created = get_or_create_project(slug=slug, name=name, now=now)
    if not created:
        raise ProjectThere(f"there is a project {slug!r} already")
    add_member(project_id=project_id, username=username, role=Role.LEAD, now=now)
    return project_id


@transaction.atomic
def add_member(
    *, project_id: int, username: str, role: str, now: datetime, full_name: str = ""
) -> NewMember:
    """Give an account a part in a project, and make the account if there is none."""
    user = User.objects.filter(username=username).first()
    password = None
    if user is None:
        _check_username(username)
        password = secrets.token_urlsafe(WORDS_OF_PASSWORD)
        user = User.objects.create_user(
            username=username, password=password, first_name=full_name
        )
    taken = Member.objects.filter(project_id=project_id, handle=username)
    if taken.exists():
        raise AlreadyMember(f"{username!r} is in this project already")
    member = Member.objects.create(
        project_id=project_id, user=user, handle=username, role=role, joined_at=now
    )
    return NewMember(member.pk, username, password)


def _check_username(username: str) -> None:
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError:
        raise NoUsername(
            f"{username!r} is no name for an account: expected letters, digits and"
            " @ . + - _ only, 150 at most"
        ) from None


def add_rater(
    *, project_id: int, handle: str, origin: str = Origin.IMPORTED, now: datetime
) -> int:
    """A rater known by a handle only; the id of its membership."""
    member, _ = Member.objects.get_or_create(
        project_id=project_id,
        handle=handle,
        defaults={"role": Role.REVIEWER, "origin": origin, "joined_at": now},
    )
    return member.pk


@transaction.atomic
def retire_project(*, project_id: int, now: datetime) -> None:
    """Put a project out of use under another name; nothing judged is deleted."""
    project = Project.objects.select_for_update().get(pk=project_id)
    project.slug = f"{project.slug}-retired-{project.pk}"
    project.retired_at = now
    project.save(update_fields=["slug", "retired_at"])


def renew_password(*, username: str) -> str:
    """Give an account a new password, which is said this once."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UnknownAccount(f"there is no account {username!r}")
    password = secrets.token_urlsafe(WORDS_OF_PASSWORD)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password
