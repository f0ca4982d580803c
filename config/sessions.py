"""Who is signed in: session and person in one statement, for every click asks."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from reviews.models import Session, User

FIELDS = [field.attname for field in User._meta.concrete_fields]
WHOSE = f"""
SELECT session.session_data, {", ".join(f"person.{field}" for field in FIELDS)}
FROM reviews_session session LEFT JOIN reviews_user person ON person.id = person_id
WHERE session_key = %s AND expire_date > %s
"""  # noqa: S608


class SessionStore(db.SessionStore):
    """Django's own, in a table that refers to the person."""

    person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        session.person_id = data.get(SESSION_KEY)
        return session

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(WHOSE, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        if row[1] is not None:
            self.person = User.from_db(connection.alias, FIELDS, row[1:])
        return self.decode(row[0])


class PersonMiddleware(AuthenticationMiddleware):
    """Who is signed in, out of the session that was read."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        person: Any = SimpleLazyObject(lambda: get_person(request))
        request.user = person


def get_person(request: HttpRequest) -> User | AnonymousUser:
    """The person of the session, if it is in order; else whom Django finds.

    A changed password, a changed key, a closed account: Django says what is then.
    """
    session = request.session
    signed_in = session.get(SESSION_KEY)
    person = getattr(session, "person", None)
    if (
        isinstance(person, User)
        and str(person.pk) == signed_in
        and person.is_active
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(
            session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
        )
    ):
        return person
    found: User | AnonymousUser = get_user(request)
    return found
