"""What in a rubric file speaks of its criteria: conditions and worked examples."""

from decimal import Decimal
from typing import Any

from labeling.formats.tables import Table

CONDITION_KEYS = {"criterion", "values"}
EXAMPLE_KEYS = {"title", "text", "why", "ratings"}
# The answers a condition can wait for. Of a pair this is the tie alone: which side
# of the screen A is differs from reviewer to reviewer.
CONDITIONS = ("nominal", "ordinal", "multi-label", "pairwise")
MOST_EXAMPLES = 50


def read_conditions(tables: list[Table], criteria: list[dict[str, Any]]) -> None:
    """Check `only_if` of each criterion and add it to the criterion's document.

    A condition looks back only, so that there can be no circle.
    """
    for place, (table, criterion) in enumerate(zip(tables, criteria, strict=True)):
        if "only_if" in table.values:
            earlier = {one["key"]: one for one in criteria[:place]}
            criterion["only_if"] = _condition(
                table.table("only_if"), earlier, criterion
            )


def _condition(
    table: Table, earlier: dict[str, dict[str, Any]], criterion: dict[str, Any]
) -> dict[str, Any]:
    table.refuse_unknown(CONDITION_KEYS)
    key, values = table.values.get("criterion"), table.values.get("values")
    asked = earlier.get(key) if isinstance(key, str) else None
    if asked is None or asked["level"] not in CONDITIONS:
        table.fault(
            "criterion", "expected the key of an earlier criterion with options"
        )
    elif asked.get("per_step") and not criterion.get("per_step"):
        table.fault("criterion", "expected one that is not rated for each step")
    if not isinstance(values, list) or not values:
        table.fault("values", "expected a list of its values")
    elif asked is not None:
        _check_values(table, asked, values)
    return {"criterion": key, "values": values}


def _check_values(table: Table, asked: dict[str, Any], values: list[Any]) -> None:
    known = [option["value"] for option in asked["options"]]
    if asked["level"] == "pairwise":
        known = [value for value in known if value == "tie"]
    if any(value not in known for value in values) or len(set(values)) < len(values):
        expected = ", ".join(known) or "none: it has no tie"
        table.fault("values", f"expected values of {asked['key']!r}, once: {expected}")


def read_examples(table: Table, criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tables = table.tables("example")
    if len(tables) > MOST_EXAMPLES:
        table.fault("example", f"expected at most {MOST_EXAMPLES} [[example]]")
    return [_example(one, criteria) for one in tables]


def _example(table: Table, criteria: list[dict[str, Any]]) -> dict[str, Any]:
    table.refuse_unknown(EXAMPLE_KEYS)
    return {
        "title": table.text("title", limit=200),
        "text": table.text("text"),
        "why": table.text("why", default=""),
        "ratings": _ratings(table.table("ratings"), criteria),
    }


def _ratings(table: Table, criteria: list[dict[str, Any]]) -> dict[str, Any]:
    """In the order of the criteria; `table` maps their keys to values."""
    table.refuse_unknown({criterion["key"] for criterion in criteria})
    found = {}
    for criterion in criteria:
        key = criterion["key"]
        if key not in table.values:
            continue
        value = table.values[key]
        if not is_on_scale(criterion, value):
            table.fault(key, "expected a value of its scale")
        elif isinstance(value, Decimal):
            value = plain_number(value)
        found[key] = value
    return found


def is_on_scale(criterion: dict[str, Any], value: Any) -> bool:
    values = [option["value"] for option in criterion["options"]]
    match criterion["level"]:
        case "text":
            return isinstance(value, str) and "\x00" not in value
        case "interval":
            return _is_on_range(criterion, value)
        case "multi-label":
            return isinstance(value, list) and all(one in values for one in value)
        case _:
            return value in values


def _is_on_range(criterion: dict[str, Any], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    minimum, maximum, step = (
        Decimal(str(criterion.get(key, 0))) for key in ("minimum", "maximum", "step")
    )
    number = Decimal(value)
    return (
        number.is_finite()
        and step > 0
        and minimum <= number <= maximum
        and (number - minimum) % step == 0
    )


def plain_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
