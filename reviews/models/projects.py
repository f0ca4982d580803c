"""Projects, accounts and the part a person plays in a project."""

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


def new_triage_key() -> str:
    return secrets.token_hex(32)


class User(AbstractUser):
    """An account. What it may do is said by its memberships."""


class Project(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    # Keys the hash that decides audits and samples, so that nobody who can
    # choose an item's id can choose whether it is looked at.
    triage_key = models.CharField(max_length=64, default=new_triage_key)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.slug


class Role(models.TextChoices):
    REVIEWER = "REVIEWER", "reviewer"
    LEAD = "LEAD", "lead"
    ADMIN = "ADMIN", "admin"


class Origin(models.TextChoices):
    ACCOUNT = "ACCOUNT", "account"
    IMPORTED = "IMPORTED", "imported"
    SIMULATED = "SIMULATED", "simulated"


class Member(models.Model):
    """A person in a project: an account, or a rater known by a handle only."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="memberships"
    )
    handle = models.CharField(max_length=150)
    role = models.CharField(max_length=10, choices=Role)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.ACCOUNT)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "handle"], name="member_handle_once_per_project"
            ),
            models.UniqueConstraint(
                fields=["project", "user"], name="member_user_once_per_project"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="member_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=Origin.values),
                name="member_origin_known",
            ),
            models.CheckConstraint(
                condition=models.Q(origin=Origin.ACCOUNT, user__isnull=False)
                | (~models.Q(origin=Origin.ACCOUNT) & models.Q(user__isnull=True)),
                name="member_account_has_user",
            ),
        ]

    def __str__(self) -> str:
        return self.handle
