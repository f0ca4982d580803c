"""What stays of an item when its text is erased: its shape."""

from typing import Any

ERASED = "[erased]"
# Which of a few known words a text was; not what it said.
NO_TEXT = ("role", "type")
# Of where it came from, what pages and specs go by.
TOLD_BY = ("created_at", "model", "system")

Json = dict[str, Any]


def without_text(value: Any) -> Any:
    """Content with as many parts as before and nothing in them.

    >>> without_text({"prompt": "Who is Ann?", "responses": [{"text": "A nurse."}]})
    {'prompt': '[erased]', 'responses': [{'text': '[erased]'}]}
    """
    match value:
        case dict():
            return {
                # Arguments of a call may be called by anything.
                key: inner
                if key in NO_TEXT
                else ERASED
                if key == "arguments"
                else without_text(inner)
                for key, inner in value.items()
            }
        case list():
            return [without_text(inner) for inner in value]
        case None:
            return None
        case _:
            return ERASED


def without_origin(provenance: Json) -> Json:
    return {key: provenance[key] for key in TOLD_BY if key in provenance}


def without_rationales(signals: Json) -> Json:
    """What the judges said, without why: they quote."""
    if "judges" not in signals:
        return signals
    judges = [
        {key: value for key, value in one.items() if key != "rationale"}
        for one in signals["judges"]
    ]
    return signals | {"judges": judges}
