"""Sessions that say whose they are."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A browser that somebody signed in with."""

    person = models.ForeignKey("reviews.User", models.CASCADE, null=True)
