"""Static files: named by their content, compressed, kept for long; pages are not."""

import gzip
import os
import re
from itertools import chain

import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import Client

from config.bundles import BUNDLES
from config.staticfiles import content_of, contents

BASE = "css/base.css"
SOURCE = (settings.CHECKOUT / "static" / BASE).read_bytes()
TAKES_GZIP = {"Accept-Encoding": "br, gzip;q=0.8"}


def test_address_changes_with_the_content():
    before, after = content_of(BASE, b"a{}"), content_of(BASE, b"b{}")

    assert re.fullmatch(r"css/base\.[0-9a-f]{12}\.css", before.hashed_name)
    assert before.hashed_name != after.hashed_name


def test_file_is_compressed_and_kept_for_long(client: Client):
    response = client.get(static(BASE), headers=TAKES_GZIP)

    assert gzip.decompress(response.getvalue()) == SOURCE
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert response.headers["Cache-Control"].endswith("public, immutable")
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepts", ["", "br", "identity", "gzip;q=0", "gzip; q=0.0"])
def test_file_is_plain_for_whom_takes_no_gzip(client: Client, accepts: str):
    response = client.get(static(BASE), headers={"Accept-Encoding": accepts})

    assert response.getvalue() == SOURCE
    assert "Content-Encoding" not in response.headers


def test_file_that_is_known_is_not_sent_again(client: Client):
    etag = client.get(static(BASE)).headers["ETag"]

    response = client.get(static(BASE), headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response.getvalue() == b""


def test_file_is_read_and_nothing_else(client: Client):
    head = client.head(static(BASE))
    post = client.post(static(BASE))

    assert (head.status_code, head.getvalue()) == (200, b"")
    assert head.headers["Content-Length"] == str(len(SOURCE))
    assert post.status_code == 405


@pytest.mark.parametrize("name", [BASE, "css/base.0123456789ab.css"])
def test_file_of_another_release_is_todays_and_not_kept(client: Client, name: str):
    response = client.get(settings.STATIC_URL + name)

    assert response.getvalue() == SOURCE
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.django_db
def test_file_that_is_not_there_is_not_found(client: Client):
    response = client.get(settings.STATIC_URL + "css/nothing.css")

    assert response.status_code == 404
    assert "immutable" not in response.headers["Cache-Control"]


def test_template_that_names_no_file_is_an_error():
    with pytest.raises(ValueError, match=r"There is no static file 'css/nothing.css'"):
        static("css/nothing.css")


@pytest.mark.parametrize("name", BUNDLES)
def test_bundle_is_its_parts_one_after_the_other_without_comments(name):
    parts = [
        (settings.CHECKOUT / "static" / part).read_text() for part in BUNDLES[name]
    ]

    bundle = contents()[name].plain.decode()

    lines = [line.strip() for part in parts for line in part.splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/*", "*"))]
    sent = {line.strip() for line in bundle.splitlines()}
    assert [line for line in code if line not in sent and "*/" not in line] == []
    assert not any(line.startswith(("//", "/*")) for line in sent)
    assert len(bundle) < len("".join(parts))


def test_first_of_the_stylesheets_says_the_order_of_the_layers():
    assert "@layer reset, tokens, base" in contents()["bundles/page.css"].plain.decode()
    assert BUNDLES["bundles/page.css"][0] == "css/tokens.css"


def test_every_source_file_is_used():
    folder = settings.CHECKOUT / "static"
    templates = (settings.CHECKOUT / "templates").rglob("*.html")
    named = re.findall(
        r"{% static '([^']+)' %}", "".join(path.read_text() for path in templates)
    )
    used = {*named, *chain.from_iterable(BUNDLES.values())}

    sources = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}

    assert sources | set(BUNDLES) == used


def test_change_is_seen_while_debugging(settings, tmp_path):
    settings.DEBUG = True
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path]
    (tmp_path / "new.css").write_text("a{}")
    before = static("new.css")
    (tmp_path / "new.css").write_text("b{}")
    os.utime(tmp_path / "new.css", (2**32, 2**32))

    after = static("new.css")

    assert after == f"/static/{content_of('new.css', b'b{}').hashed_name}" != before


@pytest.mark.django_db
def test_pages_are_never_compressed(client: Client):
    response = client.get("/accounts/login/", headers=TAKES_GZIP)

    assert "csrfmiddlewaretoken" in response.text
    assert "Content-Encoding" not in response.headers
