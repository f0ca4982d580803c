"""What other people wrote, as a terminal may show it."""


def visible(text: str) -> str:
    """Hostile text must not steer the terminal that shows it: no escapes, no bidi."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """`1 item`, `2,000 items`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
