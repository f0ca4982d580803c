"""What is not documented does not exist."""

import re
import subprocess
from functools import cache

import pytest

from config.celery import app
from config.cli import find_apps
from config.env import CHECKOUT

DOCS = CHECKOUT / "docs"
# Django's own, taken over to add an act of ours.
NOT_OURS = {"migrate"}


@cache
def text_of_docs() -> str:
    pages = [CHECKOUT / "README.md", *DOCS.rglob("*.md")]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def source_files(*suffixes: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = listed.stdout.splitlines()
    return [
        name
        for name in names
        if name.endswith(suffixes)
        and not name.startswith("tests/")
        and (CHECKOUT / name).exists()
    ]


@pytest.mark.parametrize("command", sorted(find_apps().keys() - NOT_OURS))
def test_command_is_documented(command):
    assert re.search(rf"(bin/touchstone |`){command}\b", text_of_docs())


def test_settings_that_are_read_are_documented():
    pattern = re.compile(r'env_(?:str|bool|int|list|url)\(\s*"([A-Z_]+)"')
    read = {
        name
        for file in source_files(".py")
        for name in pattern.findall((CHECKOUT / file).read_text(encoding="utf-8"))
    }
    operations = (DOCS / "operations.md").read_text(encoding="utf-8")

    assert len(read) > 5
    assert {name for name in read if f"`{name}`" not in operations} == set()


@pytest.mark.parametrize(
    "task", sorted(entry["task"] for entry in app.conf.beat_schedule.values())
)
def test_scheduled_task_is_documented(task):
    assert f"`{task}`" in (DOCS / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "term",
    [
        "item", "content", "provenance", "signals", "triage policy",
        "routing decision", "queue", "batch", "assignment", "lease",
        "presentation", "rubric", "rubric version", "criterion", "scale",
        "judgment", "rating", "reviewer", "rater", "gold case", "retest",
        "dispute", "adjudication", "label", "golden set", "release", "case",
    ],
)  # fmt: skip
def test_term_is_in_the_glossary(term):
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")

    assert f"\n| {term} |" in glossary


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for page in [CHECKOUT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")

    assert broken == []


def test_no_file_names_an_index_host():
    # Spelled so that this file does not name them either.
    hosts = re.compile("|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + "js"]))
    found = [
        name
        for name in source_files(".py", ".txt", ".in", ".toml", ".md", ".sh", "run")
        if hosts.search((CHECKOUT / name).read_text(encoding="utf-8"))
    ]

    assert found == []
