"""Typed readers of the environment: a setting is right, or starting fails.

Every variable NAME may be given as NAME_FILE instead: the path of a file that
holds the value, as container platforms hand out secrets.
"""

import os
import secrets
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

CHECKOUT = Path(__file__).resolve().parent.parent

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}

DATABASE_SCHEMES = ("postgresql", "postgres")
BROKER_SCHEMES = ("redis", "rediss", "amqp", "amqps")


def env_str(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE names."""
    value = os.environ.get(name)
    path = os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one.")
    if path is not None:
        return _read_secret(f"{name}_FILE", Path(path))
    return default if value is None else value


def env_bool(name: str, default: bool = False) -> bool:
    value = env_str(name).strip().lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: expected true or false.")


def env_list(name: str, default: Collection[str] = ()) -> list[str]:
    """The parts of a value separated by commas, without blanks and empty parts."""
    value = env_str(name)
    if not value.strip():
        return list(default)
    return [part.strip() for part in value.split(",") if part.strip()]


def env_url(name: str, default: str = "", *, schemes: Collection[str]) -> str:
    """The value of NAME, which has to be an address with one of the schemes."""
    value = env_str(name).strip()
    if not value:
        return default
    # The value may hold a password: messages show its scheme only.
    scheme = urlsplit(value).scheme if "://" in value else ""
    if scheme not in schemes:
        expected = ", ".join(f"{known}://" for known in schemes)
        raise ImproperlyConfigured(
            f"{name} does not start with a known scheme: expected one of {expected}."
        )
    return value


def data_dir() -> Path:
    """The folder that holds everything this installation keeps on disk."""
    value = env_str("TOUCHSTONE_DATA").strip()
    if not value:
        return CHECKOUT / "var"
    return folder_of(value)


def folder_of(text: str) -> Path:
    """The folder that --data or TOUCHSTONE_DATA names."""
    if not text.strip():
        raise ImproperlyConfigured("--data is empty: expected a folder.")
    return Path(text).expanduser().absolute()


def secret_key() -> str:
    """DJANGO_SECRET_KEY, or a key made once and kept in the data folder."""
    key = env_str("DJANGO_SECRET_KEY").strip()
    if key:
        return key
    path = data_dir() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        create_private_file(path, secrets.token_urlsafe(50))
    return _read_secret("the secret key", path)


def create_private_file(path: Path, text: str) -> None:
    """Write a file for its owner only; an existing file stays as it is.

    Two processes may get here at once, so that the complete file appears in
    one step, and the first one wins.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        os.unlink(temporary)


def database_settings(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a postgresql:// address.

    libpq itself reads the address, so that whatever it knows (sockets, several
    hosts, sslmode and the other options) works here too.
    """
    message = (
        "DATABASE_URL is not the address of a PostgreSQL database: "
        "expected postgresql://USER:PASSWORD@HOST:PORT/NAME."
    )
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(message)
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        # The cause quotes the address, which holds the password.
        raise ImproperlyConfigured(message) from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured(message)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
    }


def _read_secret(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}: cannot read {path}: {error}") from None
