"""The page about failures: how often, by feature, and of which kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.figures import describe
from calibration.formats.words import share_text
from calibration.models import PanelKind
from calibration.queries.failures import count_taxonomy_acts
from calibration.queries.panels import PanelFacts, find_panel
from calibration.statistics import proportion
from labeling.queries.failure_modes import ModeFacts, list_modes

Json = dict[str, Any]

TAGS_SHOWN = 60
# Of fewer labelled items nobody should say that they fail more than others.
LEAST_LABELLED = 10
# Where part of the traffic was never drawn, all of it cannot be estimated.
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class ModeRow:
    """A failure mode with its figures."""

    facts: ModeFacts
    n_items: int
    n_confirmed: int
    share: str
    # Over all traffic; "" where a queue was chosen.
    traffic: str


@dataclass(frozen=True)
class FacetRow:
    """What reviewers met under one intent, or of one system."""

    name: str
    n_reviewed: int
    n_labelled: int
    n_failed: int
    rate: str
    n_named: int
    # The commonest kinds of errors, with their items.
    kinds: tuple[tuple[str, int], ...]
    traffic: str


@dataclass(frozen=True)
class TagRow:
    tag: str
    n_items: int


@dataclass(frozen=True)
class FailuresPage:
    computed_at: datetime | None
    is_behind: bool
    # Failure modes were changed since; they are being counted again.
    is_sorting: bool = False
    definitions: tuple[Json, ...] = ()
    undefined: tuple[str, ...] = ()
    n_reviewed: int = 0
    n_labelled: int = 0
    n_failed: int = 0
    rate: str = ""
    n_named: int = 0
    named: str = ""
    traffic: str = ""
    # Items whose tags are in no failure mode yet.
    n_unsorted: int = 0
    modes: tuple[ModeRow, ...] = ()
    intents: tuple[FacetRow, ...] = ()
    systems: tuple[FacetRow, ...] = ()
    # The intents that fail more often than all items do, beyond chance.
    outstanding: tuple[FacetRow, ...] = ()
    tags: tuple[TagRow, ...] = ()
    n_more_tags: int = 0

    @property
    def commonest(self) -> tuple[ModeRow, ...]:
        return tuple(row for row in self.modes if row.n_items)[:3]


def get_failures_page(*, project_id: int, queue: str | None) -> FailuresPage:
    panel = _find(project_id)
    if panel is None:
        return FailuresPage(None, is_behind=True)
    found = panel.results
    cut = found["queues"].get(queue) if queue else found["all"]
    modes = list_modes(project_id)
    tags = _unsorted(found["tags"], modes)
    page = {
        "computed_at": panel.computed_at,
        "is_behind": panel.is_behind,
        "is_sorting": panel.inputs["n_acts"] != count_taxonomy_acts(project_id),
        "definitions": tuple(
            one
            for one in found["definitions"]
            if queue is None or one["queue"] == queue
        ),
        "undefined": () if queue else tuple(found["undefined"]),
        "tags": tags[:TAGS_SHOWN],
        "n_more_tags": len(tags[TAGS_SHOWN:]),
    }
    return FailuresPage(**page, **_figures(cut, modes))


def list_failing_ids(project_id: int) -> list[int]:
    """The items that fail by their label, as they were measured."""
    panel = _find(project_id)
    return panel.results["failed"] if panel else []


def _find(project_id: int) -> PanelFacts | None:
    return find_panel(project_id=project_id, queue_id=None, kind=PanelKind.FAILURES)


def _figures(cut: Json | None, modes: Sequence[ModeFacts]) -> Json:
    if cut is None:
        return {"modes": tuple(_mode(one, {}, None, 0) for one in modes)}
    traffic = cut.get("traffic")
    names = {one.id: one.name for one in modes}
    rows = [_mode(one, cut["modes"], traffic, cut["n_reviewed"]) for one in modes]
    intents = [(one, _facet(one, names, traffic, "intents")) for one in cut["intents"]]
    return {
        "n_reviewed": cut["n_reviewed"],
        "n_labelled": cut["n_labelled"],
        "n_failed": cut["n_failed"],
        "rate": share_text(cut["rate"]),
        "n_named": cut["n_named"],
        "named": share_text(cut["named"]),
        "traffic": share_text(traffic["rate"]) if traffic else "",
        "n_unsorted": cut["n_unsorted"],
        "modes": tuple(sorted(rows, key=lambda row: (-row.n_items, row.facts.name))),
        "intents": tuple(row for _, row in intents),
        "systems": tuple(
            _facet(one, names, traffic, "systems") for one in cut["systems"]
        ),
        "outstanding": tuple(
            row for one, row in intents if _stands_out(one["rate"], cut["rate"])
        ),
    }


def _mode(
    mode: ModeFacts, counted: Mapping[str, Json], traffic: Json | None, n_reviewed: int
) -> ModeRow:
    found = counted.get(str(mode.id))
    share = found["share"] if found else describe(proportion(0, n_reviewed))
    over = traffic["modes"].get(str(mode.id)) if traffic else None
    return ModeRow(
        facts=mode,
        n_items=found["n_items"] if found else 0,
        n_confirmed=found["n_confirmed"] if found else 0,
        share=share_text(share),
        traffic=_estimate(over),
    )


def _facet(
    one: Json, names: Mapping[int, str], traffic: Json | None, facet: str
) -> FacetRow:
    over = traffic[facet].get(one["name"]) if traffic else None
    return FacetRow(
        name=one["name"],
        n_reviewed=one["n_reviewed"],
        n_labelled=one["n_labelled"],
        n_failed=one["n_failed"],
        rate=share_text(one["rate"]) if one["n_labelled"] else "",
        n_named=one["n_named"],
        kinds=tuple((names[mode], n) for mode, n in one["modes"] if mode in names),
        traffic=_estimate(over),
    )


def _stands_out(rate: Json, all_rate: Json) -> bool:
    """Its lower limit is above the rate of all: not by chance alone."""
    if all_rate["value"] is None or rate["n_items"] < LEAST_LABELLED:
        return False
    return bool(rate["low"] > all_rate["value"])


def _estimate(over: Json | None) -> str:
    if over is None:
        return ""
    return NOT_KNOWN if over["value"] is None else share_text(over)


def _unsorted(tags: Sequence[Json], modes: Sequence[ModeFacts]) -> tuple[TagRow, ...]:
    is_sorted = {tag for mode in modes for tag in mode.tags}
    return tuple(
        TagRow(one["tag"], one["n_items"])
        for one in tags
        if one["tag"] not in is_sorted
    )
