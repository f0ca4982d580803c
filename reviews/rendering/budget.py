"""What one item may cost: a page must not wait for a hostile text."""

from dataclasses import dataclass
from typing import NamedTuple

# Of all the texts of an item together. Beyond them text is left out with a notice,
# shown as it was written, and code is shown without colours.
CHARACTERS = 600_000
WORK = 700_000
CODE = 16_000
# The end of a long text is shown too: of a log it is what matters.
END = 40_000


class Cut(NamedTuple):
    """What is shown of a text: its start, its end, and how much lies between."""

    start: str
    left_out: int
    end: str


@dataclass
class Budget:
    """Shared by the texts of an item; whoever asks first is served first."""

    characters: int = CHARACTERS
    work: int = WORK
    code: int = CODE

    def cut(self, text: str) -> Cut:
        room = self.characters
        self.characters = max(0, room - len(text))
        if len(text) <= room:
            return Cut(text, 0, "")
        end = min(END, room // 4)
        start = room - end
        return Cut(text[:start], len(text) - room, text[len(text) - end :])

    def takes_markdown(self, text: str, delimiters: int) -> bool:
        """Charged is what a parser works for: characters, lines and delimiters."""
        cost = len(text) + 40 * text.count("\n") + 10 * delimiters
        self.work -= cost
        return self.work >= 0

    def takes_code(self, length: int) -> bool:
        if length > self.code:
            return False
        self.code -= length
        return True
