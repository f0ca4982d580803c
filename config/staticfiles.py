"""Static files: bundled, named by their content, compressed once, kept in memory.

Every process makes them out of the source folders when it starts. Nothing is
collected, so no step can be forgotten, and no file of another release is served.

Pages are never compressed: they hold a CSRF token and blinded text beside text that
somebody sent in, and a length that depends on both tells of the one by way of the
other (BREACH). What is here is the same for everybody.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path, PurePosixPath
from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import NOT_ALLOWED_RESPONSE, Response

from config.bundles import BUNDLES

HASH_DIGITS = 12
# What no browser needs: lines that are comments, and the indentation of styles.
FOR_WRITERS = {
    ".css": re.compile(rb"/\*.*?\*/\s*|^[ \t]+", re.DOTALL | re.MULTILINE),
    ".js": re.compile(rb"^[ \t]*//.*\n", re.MULTILINE),
}
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


@dataclass(frozen=True)
class Content:
    plain: bytes
    compressed: bytes
    hashed_name: str


def contents() -> dict[str, Content]:
    """Every file and bundle by its name; read again while debugging, once changed."""
    newest = 0.0
    if settings.DEBUG:
        newest = max(path.stat().st_mtime for _, path in source_files())
    return _contents(newest)


@lru_cache(maxsize=1)
def _contents(_newest: float) -> dict[str, Content]:
    plain: dict[str, bytes] = {}
    for name, path in source_files():
        # The first folder that has a file of the name wins.
        plain.setdefault(name, path.read_bytes())
    for name, parts in BUNDLES.items():
        between = b"\n;\n" if name.endswith(".js") else b"\n"
        bundle = between.join(plain[part] for part in parts)
        plain[name] = FOR_WRITERS[PurePosixPath(name).suffix].sub(b"", bundle)
    return {name: content_of(name, text) for name, text in plain.items()}


def source_files() -> Iterator[tuple[str, Path]]:
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            yield name, Path(storage.path(name))


def content_of(name: str, plain: bytes) -> Content:
    path = PurePosixPath(name)
    digest = hashlib.sha256(plain).hexdigest()[:HASH_DIGITS]
    return Content(
        plain=plain,
        compressed=gzip.compress(plain, mtime=0),
        hashed_name=str(path.with_suffix(f".{digest}{path.suffix}")),
    )


class HashedStorage(StaticFilesStorage):
    """Whom the templates ask for the address of a file."""

    def url(self, name: str | None) -> str:
        content = contents().get(name or "")
        if content is None:
            raise ValueError(f"There is no static file {name!r}.")
        return super().url(content.hashed_name)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse
        if request.path_info.startswith(self.static_prefix):
            file = self.find_file(request.path_info)
            if file is not None:
                response = self.serve(file, request)
                return response
        response = self.get_response(request)
        return response

    def find_file(self, url: str) -> "ServedFile | None":
        wanted = url.removeprefix(self.static_prefix)
        name = self.get_name_without_hash(wanted)
        # Also by another hash, which is then not kept: while machines are exchanged
        # one after the other, a page of one release asks the next one for its files.
        content = contents().get(wanted) or contents().get(name)
        if content is None:
            return None
        headers = Headers([])
        self.add_mime_headers(headers, wanted, url)
        is_this = wanted == content.hashed_name
        forever = f"max-age={self.FOREVER}, public, immutable"
        headers["Cache-Control"] = forever if is_this else "no-cache"
        return ServedFile(content, headers)


class ServedFile:
    """One file as WhiteNoise asks for it, out of memory."""

    def __init__(self, content: Content, headers: Headers) -> None:
        self.content = content
        headers["Vary"] = "Accept-Encoding"
        headers["ETag"] = f'W/"{content.hashed_name}"'
        self.headers = headers

    def get_response(self, method: str, environ: dict[str, str]) -> Response:
        if method not in ("GET", "HEAD"):
            return NOT_ALLOWED_RESPONSE
        if environ.get("HTTP_IF_NONE_MATCH") == self.headers["ETag"]:
            return Response(HTTPStatus.NOT_MODIFIED, self.headers.items(), None)
        body, headers = self.content.plain, Headers(self.headers.items())
        if TAKES_GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body, headers["Content-Encoding"] = self.content.compressed, "gzip"
        headers["Content-Length"] = str(len(body))
        file = BytesIO(body) if method == "GET" else None
        return Response(HTTPStatus.OK, headers.items(), file)
