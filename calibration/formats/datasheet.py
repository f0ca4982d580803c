"""The datasheet of a release, in Markdown, from its manifest.

The sections are those of Gebru and others, "Datasheets for Datasets" (2021).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Json = dict[str, Any]
NOT_SAID = "Not said: the set has no spec that says it."


def write_datasheet(manifest: Json) -> str:
    sections = (
        ("Motivation", _motivation(manifest)),
        ("Composition", _composition(manifest)),
        ("Collection process", _collection(manifest)),
        ("Labelling", _labelling(manifest)),
        ("Uses", _uses(manifest)),
        ("Distribution", _distribution(manifest)),
        ("Maintenance", _maintenance(manifest)),
    )
    lines = [f"# {manifest['name']} {manifest['version']}", ""]
    lines += [f"Canary GUID {manifest['canary']}. Benchmark data: not for training."]
    for title, body in sections:
        lines += ["", f"## {title}", "", *body]
    return "\n".join(lines) + "\n"


def _motivation(manifest: Json) -> Iterator[str]:
    spec = manifest["spec"] or {}
    yield _text(spec.get("purpose") or NOT_SAID)


def _composition(manifest: Json) -> Iterator[str]:
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(manifest["kinds"].items()))
    yield f"{manifest['n_cases']} cases: {kinds}."
    yield ""
    cells = [
        (one["stratum"] or "all", one["bucket"], one["cases"], one["traffic"] or "")
        for one in manifest["cells"]
    ]
    yield from _table(("stratum", "bucket", "cases", "traffic"), cells)
    yield ""
    labels = [
        (key, value, n)
        for key, counts in sorted(manifest["labels"].items())
        for value, n in sorted(counts.items())
    ]
    yield from _table(("criterion", "label", "cases"), labels)
    yield ""
    steps = [
        (key, value, n)
        for key, counts in sorted(manifest.get("step_labels", {}).items())
        for value, n in sorted(counts.items())
    ]
    if steps:
        yield from _table(("criterion", "label of a step", "steps"), steps)
        yield ""
    yield f"Graded by: {_counted(manifest['gradings'])}."
    references = manifest["references"]
    yield f"References: {_counted(references) if references else 'none'}."
    yield ""
    if manifest["left_out"]:
        yield "Left out:"
        yield ""
        yield from _table(("reason", "items"), sorted(manifest["left_out"].items()))


def _collection(manifest: Json) -> Iterator[str]:
    yield f"Outputs of the project {manifest['project']}, queue {manifest['queue']}."
    window = manifest["window"]
    if window is None:
        yield "Every item with all its judgments and a label on every required"
        yield "criterion; no window, no strata, no weights."
        return
    spec = manifest["spec"]
    yield f"Traffic from {window['first_day']} to {window['last_day']}."
    for name in ("window", "size", "hard"):
        if spec[name]["why"]:
            yield f"Why this {name}: {_text(spec[name]['why'])}"
    yield ""
    yield f"{spec['size']['cases']} cases were wanted, {spec['hard']['share']:.0%} of"
    yield "them hard. Within a cell they were drawn by a hash of their id and the seed"
    yield f"{spec['seed']}; `weight` says how much traffic each stands for."


def _labelling(manifest: Json) -> Iterator[str]:
    process, rubric = manifest["label_process"], manifest["rubric"]
    yield f"Rubric {rubric['name']} version {rubric['version']} (rubric.json). Overlap"
    yield f"{process['overlap']}, {process['n_raters']} people, {process['n_judgments']}"
    yield f"judgments of the cases: {process['reviewing']}."
    yield ""
    yield from _table(
        ("criterion", "stratum", "items", "alpha", "95% interval"),
        [*_agreements(manifest["agreement"])],
    )
    override = manifest["override"]
    if override is not None:
        yield ""
        yield f"Frozen all the same, because: {_text(override['reason'])}"
        yield ""
        yield from (f"- {_text(block)}" for block in override["overridden"])


def _agreements(agreement: Json) -> Iterator[tuple[Any, ...]]:
    for one in agreement["criteria"]:
        steps = " steps" if one.get("unit") == "step" else ""
        items = f"{one['n_items']}{steps}"
        yield (one["criterion"], "all", items, *_figures(one["alpha"]))
    for one in agreement["strata"]:
        stratum = one["stratum"] or "no intent"
        yield (one["criterion"], stratum, one["n_items"], *_figures(one["alpha"]))


def _figures(estimate: Json) -> tuple[str, str]:
    if estimate["value"] is None:
        return "undefined", estimate["reason"] or ""
    limits = (estimate["low"], estimate["high"])
    said = "none" if None in limits else f"{limits[0][:-3]} to {limits[1][:-3]}"
    return estimate["value"][:-3], said


def _uses(manifest: Json) -> Iterator[str]:
    yield "To decide whether a candidate may ship. Not for training, and not to say of"
    yield "all traffic what is true of hard cases: re-weight by `weight`."
    yield f"Cite results as {manifest['name']}@{manifest['version']} with the digest."


def _distribution(manifest: Json) -> Iterator[str]:
    yield f"Licence: {_text(manifest['licence'] or 'not said')}. The manifest holds the"
    yield "SHA-256 of every file and its own SHA-256 is the digest of the release."
    yield "People appear under pseudonyms that no file explains."


def _maintenance(manifest: Json) -> Iterator[str]:
    parent, changes = manifest["parent"], manifest["changes"]
    if parent is None:
        yield "The first release of the set."
    else:
        yield f"Follows {parent['version']}: {changes['added']} cases added,"
        yield f"{changes['removed']} removed, {changes['shared']} shared."
    refresh = (manifest["spec"] or {}).get("refresh")
    if refresh:
        yield f"A new version is due every {refresh['every_days']} days, and is run"
        yield f"beside the old one for {refresh['parallel_days']}."
    if manifest["retired"]:
        yield ""
        yield from _table(
            ("retired case", "because", "note"),
            [(one["id"], one["because"], one["note"]) for one in manifest["retired"]],
        )


def _counted(counts: Json) -> str:
    return ", ".join(f"{key} {n}" for key, n in sorted(counts.items()))


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(_text(str(cell)) for cell in row) + " |"


def _text(text: str) -> str:
    """Text of people and of models on one line, as text and not as Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~])", r"\\\1", " ".join(text.split()))
