"""Which ids a file has had so far, in sixteen bytes each."""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int64]


class SeenIds:
    """The line on which each id was first seen, found by a hash of the id.

    Two ids can share a hash (about once in 40 million files of a million lines),
    so that a find is a reason to look, not yet an answer.
    """

    def __init__(self) -> None:
        # Sorted runs, each more than twice as long as the next.
        self._runs: list[tuple[Words, Words]] = []

    def find(self, ids: list[str]) -> list[int]:
        """For each id the line where it was seen before, or 0."""
        hashes = _hashes(ids)
        lines = np.zeros(len(ids), np.int64)
        for keys, values in self._runs:
            places = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
            lines = np.where(keys[places] == hashes, values[places], lines)
        found: list[int] = lines.tolist()
        return found

    def add(self, ids: list[str], lines: list[int]) -> None:
        if not ids:
            return
        run = _sorted(_hashes(ids), np.array(lines, np.int64))
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            keys, values = self._runs.pop()
            run = _sorted(
                np.concatenate([keys, run[0]]), np.concatenate([values, run[1]])
            )
        self._runs.append(run)


def _hashes(ids: list[str]) -> Words:
    # Salted anew in each process: nobody can choose ids that collide.
    return np.fromiter(map(hash, ids), np.int64, len(ids))


def _sorted(keys: Words, values: Words) -> tuple[Words, Words]:
    order = np.argsort(keys, kind="stable")
    return keys[order], values[order]
