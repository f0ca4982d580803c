"""What the gate says: for a terminal, and as Markdown for a pull request."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from calibration.formats.figures import table
from calibration.formats.gate_verdict import UNWEIGHTED, is_weighted
from calibration.formats.words import rate_text
from reviews.formats.terminal import counted, visible

MOST_SHOWN = 20
SIGNS = {
    "CLEAR": "\N{WHITE HEAVY CHECK MARK}",
    "HOLD": "\N{DOUBLE VERTICAL BAR}",
    "BLOCKED": "\N{NO ENTRY}",
}
MEANS = {
    "CLEAR": "every threshold is met by the whole interval",
    "HOLD": "the cases do not suffice to say so or otherwise",
    "BLOCKED": "a threshold is missed by the whole interval",
}
VOID = "void: what the figures rest on does not hold"

Json = dict[str, Any]


def cited(report: Json) -> str:
    release = report["release"]
    return f"{release['name']}@{release['version']}"


def means(report: Json) -> str:
    return VOID if report["void"] else MEANS[report["verdict"]]


def as_text(report: Json) -> str:
    head = f"{report['verdict']}: {report['candidate']['name']} on {cited(report)}"
    lines = [visible(head), *_indented(report["reasons"])]
    for title, block in (
        ("Thresholds", _checks_table(report)),
        ("Figures", _figures_table(report)),
        (
            "What it rests on",
            [f"{one['name']}: {one['said']}" for one in trust(report)],
        ),
        ("Since the last", _change_lines(report["change"])),
        ("To know", report["flags"]),
    ):
        if block:
            lines += ["", title, *_indented(block)]
    lines += ["", f"release digest     {report['release']['digest']}"]
    lines += [f"thresholds sha256  {report['thresholds']['sha256']}"]
    lines += [f"candidate sha256   {report['candidate']['sha256']}"]
    return "\n".join(lines)


def trust(report: Json) -> list[Json]:
    found: list[Json] = report["trust"]
    return found


def as_markdown(report: Json) -> str:
    """Names come from files and may be hostile: each stands in a code span."""
    verdict = report["verdict"]
    candidate = code(report["candidate"]["name"])
    lines = [
        f"## {SIGNS[verdict]} {verdict}: {candidate} on {code(cited(report))}",
        "",
        f"{means(report).capitalize()}.",
        "",
        *(f"- {plain(reason)}" for reason in report["reasons"]),
        "",
        "| check | figure | threshold | |",
        "|---|---|---:|---|",
        *(_check_row(check) for check in report["checks"]),
        "",
        *_figure_rows(report),
        *_trust_rows(report),
        *_change_rows(report["change"]),
        *_disagreeing_rows(report),
        *_flag_rows(report["flags"]),
        *_footer(report),
    ]
    return "\n".join(lines) + "\n"


def code(text: Any) -> str:
    """A code span that holds any text: nothing in it is a link, a mention or HTML."""
    shown = visible(str(text)) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(text: Any) -> str:
    """The same in a table, where a bar would end the cell, also in code."""
    return code(text).replace("|", "\\|")


def plain(text: str) -> str:
    """A sentence of ours that may name something hostile."""
    shown = re.sub(r"([\\`*_\[\]<>|&!~])", r"\\\1", visible(text))
    # Mentions, issues and addresses are found after the backslashes are gone.
    return re.sub(r"([@#]|:(?=//)|(?<=www)\.)", "\\1\N{ZERO WIDTH SPACE}", shown)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {visible(line)}" for line in lines]


def _bar(check: Json) -> str:
    side = "at most" if check["is_most"] else "at least"
    return f"{side} {100 * check['bar']:.4g}%"


def _checks_table(report: Json) -> list[str]:
    rows = [
        (check["outcome"], check["name"], _bar(check), check["said"])
        for check in report["checks"]
    ]
    return table(rows, n_words=3)


def _figures_table(report: Json) -> list[str]:
    names = _kinds_of_figures(report)
    rows = [("", "cases", *names.values())]
    rows += [
        (one["name"], f"{one['n_cases']:,}", *(rate_text(one[kind]) for kind in names))
        for one in report["figures"]
    ]
    return table(rows) + ([] if is_weighted(report) else [UNWEIGHTED])


def _kinds_of_figures(report: Json) -> dict[str, str]:
    """What they are called, by key; without weights one would stand there twice."""
    names = {"raw": "raw", "traffic": "re-weighted to traffic"}
    return names if is_weighted(report) else {"raw": "not weighted"}


def _check_row(check: Json) -> str:
    name, said, outcome = cell(check["name"]), plain(check["said"]), check["outcome"]
    return f"| {name} | {said} | {_bar(check)} | {SIGNS[outcome]} {outcome} |"


def _figure_rows(report: Json) -> Iterator[str]:
    names = _kinds_of_figures(report)
    yield f"| | cases | {' | '.join(names.values())} |"
    yield f"|---|---:|{'---:|' * len(names)}"
    for one in report["figures"]:
        figures = " | ".join(plain(rate_text(one[kind])) for kind in names)
        yield f"| {cell(one['name'])} | {one['n_cases']:,} | {figures} |"
    yield ""
    if not is_weighted(report):
        yield f"{UNWEIGHTED.capitalize()}."
        yield ""


def _trust_rows(report: Json) -> Iterator[str]:
    if not report["trust"]:
        return
    yield "**What it rests on**"
    yield ""
    for one in report["trust"]:
        sign = "" if one["holds"] else " **void**"
        yield f"- {code(one['name'])}:{sign} {plain(one['said'])}"
    yield ""


def _change_lines(change: Json | None) -> list[str]:
    if change is None:
        return []
    flipped = counted(change["n_worse"] + change["n_better"], "case")
    return [
        f'"{change["previous"]}": {change["said"]}',
        f"{flipped} of {change['n_shared']} flipped: {change['n_worse']} worse, "
        f"{change['n_better']} better",
    ]


def _change_rows(change: Json | None) -> Iterator[str]:
    if change is None:
        return
    said, flipped = _change_lines(change)
    yield "**Since the last**"
    yield ""
    yield f"- {plain(said)}"
    yield f"- {plain(flipped)}"
    worse = [flip["id"] for flip in change["flips"] if flip["direction"] == "worse"]
    if worse:
        yield f"- worse: {_ids(worse)}"
    yield ""


def _disagreeing_rows(report: Json) -> Iterator[str]:
    found = report["disagreeing"]
    if not found:
        return
    cases = counted(report["n_disagreeing"], "case")
    yield f"<details><summary>{cases} that disagree</summary>"
    yield ""
    yield _ids([one["id"] for one in found], report["n_disagreeing"])
    yield ""
    yield "</details>"
    yield ""


def _ids(ids: Sequence[str], n: int | None = None) -> str:
    n = len(ids) if n is None else n
    shown = ", ".join(code(case) for case in ids[:MOST_SHOWN])
    return shown + (f" and {n - MOST_SHOWN} more" if n > MOST_SHOWN else "")


def _flag_rows(flags: Sequence[str]) -> Iterator[str]:
    if flags:
        yield "**To know** (blocks nothing)"
        yield ""
        yield from (f"- {plain(flag)}" for flag in flags)
        yield ""


def _footer(report: Json) -> Iterator[str]:
    thresholds = report["thresholds"]
    registered = f" of {thresholds['at'][:16]}" if thresholds["registered"] else ""
    yield (
        f"Release digest `{report['release']['digest']}`, "
        f"thresholds `{thresholds['sha256'][:12]}`{registered}, "
        f"candidate `{report['candidate']['sha256'][:12]}`."
    )
