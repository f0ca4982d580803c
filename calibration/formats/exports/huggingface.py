"""A folder that `datasets.load_dataset` reads: a card and one split, `test`."""

import re
from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports import parquet
from calibration.formats.exports.case import Case, Head
from calibration.formats.exports.files import Losses, yaml_text

CARD, DATA = "README.md", "data/test.parquet"
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)
# The licences of the hub have lower-case names, as in "cc-by-4.0".
_LICENCE = re.compile(r"[a-z0-9.-]+")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    (out / DATA).parent.mkdir(parents=True)
    (out / CARD).write_text(_card(head), encoding="utf-8")
    parquet.write(head, cases, out / DATA, losses)


def _card(head: Head) -> str:
    n_cases = head.manifest["n_cases"]
    size = next((name for most, name in SIZES if n_cases < most), "n>1M")
    lines = [
        "---",
        *_licence(head.manifest.get("licence")),
        f"pretty_name: {yaml_text(head.cited)}",
        f"size_categories: [{yaml_text(size)}]",
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: test",
        f"    path: {DATA}",
        "---",
        "",
        f"# {head.name} {head.version}",
        "",
        f"A golden set of {n_cases} cases, labelled by people under rubric "
        f"`{head.rubric['rubric']}`, version {head.rubric['version']}.",
        f"Digest of the release: `{head.digest}`.",
        *_canary(head.manifest.get("canary")),
    ]
    return "\n".join(lines) + "\n"


def _licence(licence: str | None) -> list[str]:
    if not licence:
        return []
    if _LICENCE.fullmatch(licence.lower()):
        return [f"license: {licence.lower()}"]
    return ["license: other", f"license_name: {yaml_text(licence)}"]


def _canary(canary: str | None) -> list[str]:
    if not canary:
        return []
    return ["", f"This data is for tests, never for training. Canary: {canary}"]
