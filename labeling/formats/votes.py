"""Votes of people in the files of other tools, as lines of an import."""

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BufferedReader

from labeling.formats.judgments import Fault, Line, make_line
from reviews.formats import items
from reviews.formats.tools.catalogue import read_records
from reviews.formats.tools.found import Skipped, Vote

_REPEATS = re.compile(r"^repeats line (\d+)")


@dataclass
class Votes:
    """An iterator over the votes of a file, each under a number of its own."""

    stream: BufferedReader
    tool: str
    # The criterion for each name that the tool has for one; without any, all names
    # are those of criteria.
    criteria: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    # Of which record each vote was.
    _records: "array[int]" = field(default_factory=lambda: array("q"))

    def __iter__(self) -> Iterator[Line | Fault]:
        for one in read_records(self.stream, self.tool):
            if isinstance(one, items.Fault):
                self._records.append(one.line)
                yield Fault(len(self._records), one.field or one.unit, one.message)
            elif isinstance(one.found, Skipped):
                self.skipped[one.found.reason] += 1
            else:
                for vote in one.found.votes:
                    yield from self._line(one.number, vote)

    def told(self, fault: Fault) -> Fault:
        """The fault with the number of its record in place of the vote's."""
        message = _REPEATS.sub(
            lambda match: f"repeats one of record {self._records[int(match[1]) - 1]}",
            fault.message,
        )
        return Fault(self._records[fault.line - 1], fault.field, message)

    def _line(self, record: int, vote: Vote) -> Iterator[Line]:
        if self.criteria and vote.criterion not in self.criteria:
            self.skipped[f"a vote on {vote.criterion!r}, not asked for"] += 1
            return
        self._records.append(record)
        row = {
            "item_id": vote.item_id,
            "rater_id": vote.rater,
            "criterion": self.criteria.get(vote.criterion, vote.criterion),
            "label": self.values.get(vote.label, vote.label),
            "rationale": vote.rationale,
            "time": vote.time,
        }
        yield make_line(len(self._records), row)
