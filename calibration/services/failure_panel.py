"""How often what people reviewed fails, by feature and system, and in which ways.

Shares of reviewed items say what reviewers met, and triage chose that for them; what
all traffic does is estimated beside them, from the chances of being seen.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from calibration.formats.figures import describe
from calibration.queries.failures import (
    Arrivals,
    Failures,
    ReviewedItem,
    get_failures,
)
from calibration.statistics import Stratum, proportion, stratified

Json = dict[str, Any]
Facet = Callable[[ReviewedItem | Arrivals], str]

# Beyond these a table is no page any more.
MOST_ROWS = 30
MOST_TAGS = 500
MOST_FAILED = 5_000
# Kinds of errors that stand beside an intent or a system.
COMMONEST = 3


def measure_failures(project_id: int) -> Json:
    found = get_failures(project_id)
    slugs = sorted({item.queue for item in found.items})
    return {
        "definitions": [one.described() for one in found.definitions],
        "undefined": list(found.undefined),
        "all": _cut(found.items) | _over_traffic(found),
        "queues": {
            slug: _cut([item for item in found.items if item.queue == slug])
            for slug in slugs
        },
        "tags": _count_tags(found.items),
        # The newest, for the list of failed items.
        "failed": [item.id for item in found.items if item.fails][-MOST_FAILED:],
    }


def _cut(items: Sequence[ReviewedItem]) -> Json:
    """All figures of some reviewed items."""
    return _figures(items) | {
        "modes": _modes(items),
        "n_unsorted": sum(bool(one.tags) and not one.modes for one in items),
        "intents": _by(items, _intent),
        "systems": _by([one for one in items if one.system], _system),
    }


def _figures(items: Sequence[ReviewedItem]) -> Json:
    labelled = [item for item in items if item.fails is not None]
    n_failed = sum(bool(item.fails) for item in labelled)
    n_named = sum(_is_named(item) for item in items)
    return {
        "n_reviewed": len(items),
        "n_labelled": len(labelled),
        "n_failed": n_failed,
        "rate": describe(proportion(n_failed, len(labelled))),
        "n_named": n_named,
        "named": describe(proportion(n_named, len(items))),
    }


def _is_named(item: ReviewedItem) -> bool:
    return bool(item.tags or item.modes)


def _modes(items: Sequence[ReviewedItem]) -> Json:
    """By failure mode: its items, and those in which two reviewers or more saw it."""
    n_items: Counter[int] = Counter()
    n_confirmed: Counter[int] = Counter()
    for item in items:
        for mode_id, judgments in item.modes.items():
            n_items[mode_id] += 1
            n_confirmed[mode_id] += len(judgments) > 1
    return {
        str(mode_id): {
            "n_items": count,
            "n_confirmed": n_confirmed[mode_id],
            "share": describe(proportion(count, len(items))),
        }
        for mode_id, count in sorted(n_items.items())
    }


def _by(items: Iterable[ReviewedItem], facet: Facet) -> list[Json]:
    """Figures for each value of a facet, the most reviewed first."""
    groups: dict[str, list[ReviewedItem]] = defaultdict(list)
    for item in items:
        groups[facet(item)].append(item)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [
        {"name": name, "modes": _commonest(own), **_figures(own)}
        for name, own in ordered[:MOST_ROWS]
    ]


def _commonest(items: Iterable[ReviewedItem]) -> list[list[int]]:
    counts = Counter(mode_id for item in items for mode_id in item.modes)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [list(pair) for pair in ordered[:COMMONEST]]


def _count_tags(items: Iterable[ReviewedItem]) -> list[Json]:
    counts = Counter(tag for item in items for tag in item.tags)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"tag": tag, "n_items": n} for tag, n in ordered[:MOST_TAGS]]


def _over_traffic(found: Failures) -> Json:
    """Estimates over all items, of the kinds that have been reviewed at all."""
    # Gold that was picked by hand, and what nothing routed, is no sample.
    drawn = {item.id: item for item in found.items if item.is_selected}.values()
    kinds = {item.stratum[0] for item in drawn if item.stratum}
    arrivals = [one for one in found.arrivals if one.stratum[0] in kinds]
    modes = sorted({mode_id for item in drawn for mode_id in item.modes})
    return {
        "traffic": {
            "rate": _rate_over(found, drawn),
            "intents": _rates_over(found, drawn, _intent),
            "systems": _rates_over(found, drawn, _system),
            "modes": {
                str(mode_id): _estimate(
                    arrivals, [(item, mode_id in item.modes) for item in drawn]
                )
                for mode_id in modes
            },
        }
    }


def _rates_over(
    found: Failures, drawn: Iterable[ReviewedItem], facet: Facet
) -> dict[str, Json]:
    return {
        name: _rate_over(
            found, [item for item in drawn if facet(item) == name], (facet, name)
        )
        for name in sorted({facet(item) for item in drawn})
    }


def _rate_over(
    found: Failures,
    drawn: Iterable[ReviewedItem],
    part: tuple[Facet, str] | None = None,
) -> Json:
    """The failure rate of all traffic, or of the part with one value of a facet."""
    kinds = {kind for one in found.definitions for kind in one.queue.kinds}
    arrivals = [
        one
        for one in found.arrivals
        if one.stratum[0] in kinds and (part is None or part[0](one) == part[1])
    ]
    labelled = [(item, item.fails) for item in drawn if item.fails is not None]
    return _estimate(arrivals, labelled)


def _estimate(
    arrivals: Iterable[Arrivals], drawn: Iterable[tuple[ReviewedItem, bool]]
) -> Json:
    population: Counter[tuple[str, float]] = Counter()
    for one in arrivals:
        population[one.stratum] += one.n_items
    sampled: Counter[tuple[str, float]] = Counter()
    failures: Counter[tuple[str, float]] = Counter()
    for item, fails in drawn:
        if item.stratum is not None and item.stratum in population:
            sampled[item.stratum] += 1
            failures[item.stratum] += fails
    strata = [
        Stratum(population[one], sampled[one], failures[one])
        for one in sorted(population)
    ]
    return describe(stratified(strata).rate)


def _intent(one: ReviewedItem | Arrivals) -> str:
    return one.intent


def _system(one: ReviewedItem | Arrivals) -> str:
    return one.system
