"""Requests as views get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from reviews.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets: there is somebody."""

    user: User
