"""A real browser, and a way to be somebody in it."""

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reviews.models import User
from reviews.services.sessions import SessionStore

# A busy machine is no failure.
expect.set_options(timeout=20_000)

SignIn = Callable[[BrowserContext, User], None]

PATIENCE_SECONDS = 20


class Counted:
    """An application that knows how many requests it is at."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application
        self.lock = Lock()
        self.at_work = 0

    def __call__(self, *request: Any) -> Any:
        with self.lock:
            self.at_work += 1
        try:
            return self.application(*request)
        finally:
            with self.lock:
                self.at_work -= 1

    def wait_until_idle(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.at_work:
            assert time.monotonic() < deadline, "a request does not end"
            time.sleep(0.01)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps a loop in this thread; the tests use the database
        # beside it, never inside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """The server of pytest-django, with static files served as they are to people."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = Counted  # type: ignore[assignment]
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sign_in(live_server: LiveServer) -> SignIn:
    """Make the session that signing in would make, without its slow hash."""

    def sign_in(context: BrowserContext, user: User) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": str(session.session_key),
                    "url": live_server.url,
                }
            ]
        )

    return sign_in


@pytest.fixture(autouse=True)
def nothing_left_open(
    transactional_db: None, browser: Browser, live_server: LiveServer
) -> Iterator[None]:
    """No page asks for anything while the tables are emptied after a test.

    What a closed page has asked for, the server still works at.
    """
    yield
    for context in browser.contexts:
        context.close()
    application = live_server.thread.httpd.get_app()
    assert isinstance(application, Counted)
    application.wait_until_idle()
