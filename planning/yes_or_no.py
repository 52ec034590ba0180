"""Answers of yes and no, as files have them."""


def yes_or_no(answer: bool | None) -> str:
    """Return an answer as files have it; blank where there is none."""
    return "" if answer is None else "yes" if answer else "no"
