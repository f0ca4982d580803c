"""Requests as views get them, and the role under which reviewers' views run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from reviews.services.rights import reviewer_role

if TYPE_CHECKING:
    from reviews.models import User


# More digits than any id has are no id either.
MOST_DIGITS = 15


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets: there is somebody."""

    user: User


def reviewer_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run a view as the reviewers' database role, in one transaction.

    Whatever the view or its template reads, it reads with the rights of
    `reviews.rights` and on behalf of the person who is signed in.
    """

    @login_required
    @wraps(view)
    def run(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with reviewer_role(request.user.pk):
            return view(request, *args, **kwargs)

    return run


def posted_from(
    page: str, *names: str
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Take a POST of a page's form; whoever comes by hand is led to that page.

    `names` are the arguments of the address that the page's own address has.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                where = {name: kwargs[name] for name in names}
                return HttpResponseRedirect(reverse(page, kwargs=where))
            return require_POST(view)(request, **kwargs)

        return run

    return decorate


def as_number(text: str) -> int | None:
    """The number that somebody asks for; None for anything that is no id."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def see_other(url: str) -> HttpResponse:
    """A redirect after a POST that every client follows with a GET."""
    return HttpResponseRedirect(url, status=303)
