"""What the fields of a judgment are called, in a form and in a draft of it."""


def value_name(key: str, step: int = 0) -> str:
    return _of_step(f"value-{key}", step)


def rationale_name(key: str, step: int = 0) -> str:
    return _of_step(f"rationale-{key}", step)


def _of_step(name: str, step: int) -> str:
    # In front: a key may end like anything.
    return f"step-{step}-{name}" if step else name
