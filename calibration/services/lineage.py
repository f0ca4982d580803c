"""What each label of a case rests on, with pseudonyms in place of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.release import decimal, pseudonyms, without_names
from calibration.queries.cases import Source
from calibration.queries.labels import Label, LabelledItem, Settlement
from calibration.queries.people import list_names, list_records
from labeling.queries.rubrics import RubricFacts
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class People:
    """Everybody who decided something, under the name that a release gives them."""

    pseudonyms: Mapping[str, str]
    # Every name that a text could hold, and what is to stand there.
    replacements: Mapping[str, str]

    def anonymous(self, text: str) -> str:
        return without_names(text, self.replacements)


def name_people(queue: QueueFacts, version_id: int) -> People:
    people = pseudonyms(list_records(queue_id=queue.id, version_id=version_id))
    replacements = {
        name: people.get(handle, "[person]")
        for handle, names in list_names(queue.project_id).items()
        for name in names
    }
    return People(people, replacements)


def describe_lineage(
    item: LabelledItem, source: Source, rubric: RubricFacts, people: People
) -> Json:
    return {
        "id": item.external_id,
        "item_sha256": source.fingerprint,
        "n_judgments": item.n_judgments,
        "rubric": rubric.slug,
        "rubric_version": rubric.number,
        "criteria": {label.criterion: _origin(label, people) for label in item.labels},
        **_of_steps(item, rubric, people),
    }


def _of_steps(item: LabelledItem, rubric: RubricFacts, people: People) -> Json:
    """Nothing where the rubric rates no steps: the line is what it always was."""
    if not rubric.has_per_step:
        return {}
    steps: dict[str, list[Json]] = {}
    for label in item.step_labels:
        origin = {"step": label.step} | _origin(label, people)
        steps.setdefault(label.criterion, []).append(origin)
    return {"steps": steps}


def _origin(label: Label, people: People) -> Json:
    votes = [
        {"rater": people.pseudonyms[vote.handle], "value": vote.value}
        for vote in label.votes
    ]
    return {
        "value": label.value,
        "method": label.method,
        "votes_for": label.votes_for,
        "n_votes": label.n_votes,
        "confidence": decimal(label.confidence),
        "reason": label.reason,
        "votes": sorted(votes, key=lambda vote: str(vote["rater"])),
        "adjudication": label.settlement and _settled(label.settlement, people),
    }


def _settled(settlement: Settlement, people: People) -> Json:
    return {
        "rater": people.pseudonyms[settlement.handle],
        "value": settlement.value,
        "reason": people.anonymous(settlement.reason),
        "cause": settlement.cause,
    }
