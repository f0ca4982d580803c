"""One table of a TOML file, read key by key; faults say where and what."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

SLUG = re.compile(r"[A-Za-z0-9_-]{1,80}")
LONGEST_TEXT = 20_000


@dataclass
class Table:
    """The table and its path; faults are collected, each with the key's path."""

    values: dict[str, Any]
    path: str
    faults: list[str] = field(default_factory=list)

    def fault(self, key: str, expected: str) -> None:
        self.faults.append(f"{self.path}{key}: {expected}")

    def refuse_unknown(self, known: set[str]) -> None:
        for key in sorted(self.values.keys() - known):
            self.fault(key, f"unknown key; expected one of {', '.join(sorted(known))}")

    def refuse_repeated(self, key: str, values: list[str]) -> None:
        for value in sorted({value for value in values if values.count(value) > 1}):
            if value:
                self.fault(key, f"{value!r} is there more than once")

    def text(
        self, key: str, default: str | None = None, limit: int = LONGEST_TEXT
    ) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.fault(key, "expected a text that is not empty")
            return ""
        if len(value) > limit:
            self.fault(key, f"expected at most {limit} characters")
        if "\x00" in value:
            self.fault(key, "expected a text without NUL characters")
        return value.strip()

    def slug(self, key: str) -> str:
        value = self.text(key, limit=80)
        if value and not SLUG.fullmatch(value):
            self.fault(key, "expected letters, digits, '-' and '_' only")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.fault(key, "expected true or false")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None) -> str:
        value = self.values.get(key, default)
        if value not in choices:
            self.fault(key, f"expected one of {', '.join(choices)}")
            return ""
        return str(value)

    def number(self, key: str, default: int | None = None) -> Decimal:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fault(key, "expected a number")
            return Decimal(0)
        number = Decimal(value)
        if not number.is_finite() or abs(number) >= 10**8 or number % Decimal("0.0001"):
            self.fault(key, "expected a number under 100,000,000 with four decimals")
            return Decimal(0)
        return number

    def table(self, key: str) -> "Table":
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.fault(key, f"expected a table written as {key} = {{ ... }}")
            value = {}
        return Table(value, f"{self.path}{key}.", self.faults)

    def tables(self, key: str) -> list["Table"]:
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            self.fault(key, f"expected tables written as [[{key}]]")
            return []
        return [
            Table(value, f"{self.path}{key}[{number}].", self.faults)
            for number, value in enumerate(values, start=1)
        ]
