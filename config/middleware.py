"""What every page carries, and who asks for it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class MethodPageMiddleware:
    """A page where an address takes no such request, in place of an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.content = render_to_string("405.html", request=request)
        return response


class PageHeadersMiddleware:
    """No outside request from any page, and no copy of it in a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Permissions-Policy"] = "camera=(), geolocation=()"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class PersonMiddleware(AuthenticationMiddleware):
    """Who is signed in, out of the session that was read."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        person: Any = SimpleLazyObject(lambda: get_person(request))
        request.user = person


def get_person(request: HttpRequest) -> Any:
    """The person of the session, if it is in order; else whom Django finds.

    A changed password, a changed key, a closed account: Django says what is then.
    """
    session = request.session
    signed_in = session.get(SESSION_KEY)
    person = getattr(session, "person", None)
    if (
        person is not None
        and str(person.pk) == signed_in
        and person.is_active
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(
            session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
        )
    ):
        return person
    return get_user(request)


class SignInMiddleware:
    """Lead htmx to the sign-in, where it would swap that page into another one.

    Afterwards the page is shown on which it was asked for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        where = response.headers.get("Location")
        htmx = HtmxDetails(request)
        if where is None or not htmx:
            return response
        sign_in = resolve_url(settings.LOGIN_URL)
        if where.partition("?")[0] != sign_in:
            return response
        if htmx.current_url_abs_path:
            where = f"{sign_in}?{urlencode({'next': htmx.current_url_abs_path})}"
        headers = {"HX-Redirect": where}
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers=headers)
