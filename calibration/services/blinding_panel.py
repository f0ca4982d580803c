"""Could they tell who wrote what?"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from calibration.formats.figures import describe
from calibration.queries.blinding_facts import (
    list_could_tell,
    list_guesses,
    list_masked,
    stream_told,
)
from calibration.queries.criteria import Scale, get_version
from calibration.queries.ratings import Triple, stream_ratings
from calibration.queries.reviewer_work import stream_sides
from calibration.services.rarity import RESAMPLING
from calibration.statistics import (
    Level,
    RatingMatrix,
    bang_by_system,
    krippendorff_alpha,
    left_right,
    proportion,
    right_guesses,
)
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

# Bang's index above which, on its one-sided lower limit, blinding is broken.
UNBLINDED = 0.0
OFTEN = 0.1
RARE = 0.01
# Under so many guesses about a system, the limits of its index mean nothing.
LEAST_GUESSES = 10


def measure_blinding(queue: QueueFacts) -> Json:
    masked = list_masked(queue)
    results: Json = {
        "told": _told(queue),
        "guesses": _guesses(list_guesses(queue)),
        "sides": _sides(queue),
        "n_masked_items": len(masked),
        "n_masks": sum(masked.values()),
        "agreement": _agreement(queue, set(masked), set(stream_told(queue))),
    }
    return results | {"findings": _findings(results)}


def _told(queue: QueueFacts) -> Json:
    rows = list_could_tell(queue)
    total = sum(row.n_judgments for row in rows)
    told = sum(row.n_could_tell for row in rows)
    return {
        "share": describe(proportion(told, total)),
        "n_told": told,
        "by_reviewer": [
            {"handle": row.handle, "n": row.n_judgments, "n_told": row.n_could_tell}
            for row in rows
        ],
    }


def _guesses(guesses: list[tuple[str, str | None]]) -> Json:
    systems = {name for pair in guesses for name in pair if name is not None}
    right = sum(truth == guess for truth, guess in guesses)
    unsure = sum(guess is None for _, guess in guesses)
    given = Counter(truth for truth, _ in guesses)
    by_system = bang_by_system(guesses) if len(systems) > 1 else {}
    decided = len(guesses) - unsure
    return {
        "n": len(guesses),
        "n_right": right,
        "n_unsure": unsure,
        "p": (
            right_guesses(right, decided - right, systems=len(systems))
            if len(systems) > 1
            else None
        ),
        "by_system": [
            {
                "system": str(system),
                "n": given[system],
                "is_small": given[system] < LEAST_GUESSES,
                "bang": describe(index),
            }
            for system, index in by_system.items()
        ],
    }


def _sides(queue: QueueFacts) -> Json | None:
    shown = Counter(
        side
        for _, side in stream_sides(
            queue_id=queue.id, version_id=queue.rubric_version_id
        )
    )
    if not shown:
        return None
    share, p = left_right(shown["LEFT"], shown["RIGHT"])
    return {
        "share": describe(share),
        "p": p,
        "n_left": shown["LEFT"],
        "n_right": shown["RIGHT"],
    }


def _agreement(queue: QueueFacts, masked: set[str], told: set[str]) -> list[Json]:
    """Alpha over all items, without the masked ones, and without those given away."""
    if not masked and not told:
        return []
    rows = []
    for scale in get_version(queue.rubric_version_id).rated:
        if scale.level == "multi-label":
            continue
        triples = list(
            stream_ratings(
                queue_id=queue.id,
                version_id=queue.rubric_version_id,
                criterion_id=scale.criterion_id,
            )
        )
        rows.append(
            {
                "criterion": scale.title,
                "all": _alpha(scale, triples, set()),
                "unmasked": _alpha(scale, triples, masked),
                "untold": _alpha(scale, triples, told),
            }
        )
    return rows


def _alpha(scale: Scale, triples: Iterable[Triple], without: set[str]) -> Json:
    matrix = RatingMatrix.from_triples(
        (triple for triple in triples if triple[0] not in without),
        domain=scale.values or None,
        level=Level(scale.alpha_level),
    )
    return describe(krippendorff_alpha(matrix, resampling=RESAMPLING))


def _findings(results: Json) -> list[str]:
    """What speaks against blinding; none: nothing does."""
    said = []
    share = results["told"]["share"]
    if (share["low"] or 0.0) > OFTEN:
        said.append(
            f"reviewers say of {share['value']:.0%} of judgments that they could tell"
        )
    guesses = results["guesses"]
    if guesses["p"] is not None and guesses["p"] < RARE:
        n = guesses["n"] - guesses["n_unsure"]
        said.append(
            f"{guesses['n_right']} of {n} guesses at the author are right, more than"
            " chance explains"
        )
    for one in guesses["by_system"]:
        if not one["is_small"] and (one["bang"]["low"] or UNBLINDED) > UNBLINDED:
            said.append(
                f"{one['system']} is recognised: Bang's index {one['bang']['value']:.2f}"
            )
    sides = results["sides"]
    if sides and sides["p"] is not None and sides["p"] < RARE:
        side = "left" if sides["share"]["value"] > 0.5 else "right"
        said.append(f"what stands on the {side} wins more often than chance explains")
    return said
