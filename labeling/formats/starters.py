"""Rubrics to begin with."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from labeling.formats.rubrics import parse_rubric

FOLDER = Path(__file__).with_name("starter_rubrics")
# In the order in which they are offered.
NAMES = ("pass-or-fail", "one-to-five", "which-is-better")


@dataclass(frozen=True)
class Starter:
    name: str
    title: str
    document: dict[str, Any]


@cache
def list_starters() -> tuple[Starter, ...]:
    files = [parse_rubric((FOLDER / f"{name}.toml").read_bytes()) for name in NAMES]
    return tuple(
        Starter(file.slug, file.document["title"], file.document) for file in files
    )
