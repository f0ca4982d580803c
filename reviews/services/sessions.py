"""Sessions: one statement finds the session and its person, for every click asks."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from reviews.models import Session, User

# The times of an account are read where they are asked for.
FIELDS = [
    field.attname
    for field in User._meta.concrete_fields
    if field.attname not in ("last_login", "date_joined")
]
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
