"""Notes where the signs in a file seem to differ from what its layout says. Pure."""

from collections.abc import Mapping

import pandas as pd


def describe_reversed_signs(figures: Mapping[str, pd.Series]) -> list[str]:
    """Return a sentence where most figures whose sign was reversed were below nil in the file.

    `figures` are their pence in the file, by the heading of their column.
    """
    below = sum(int((pence < 0).sum()) for pence in figures.values())
    given = sum(int((pence != 0).sum()) for pence in figures.values())
    if below * 2 <= given:
        return []
    headings = ", ".join(f"“{heading}”" for heading in figures)
    return [
        f"{headings}: of {given:,} figure{_plural_s(given)} whose sign the layout reverses, "
        f"{below:,} stood below nil in the file and would now be above it. Does the file print "
        "income as negative already?"
    ]


def describe_negative_credits(pence: pd.Series, heading: str) -> list[str]:
    """Return a sentence where most credits are below nil: subtracted, they become debits."""
    below, given = int((pence < 0).sum()), int((pence != 0).sum())
    if below * 2 <= given:
        return []
    return [
        f"“{heading}”: {below:,} of {given:,} credit{_plural_s(given)} stood below nil in the file "
        "and would now be above it. Where the file prints credits as negative, add the two columns "
        "up (add_columns) instead of subtracting one from the other."
    ]


def describe_unused_reversal(heading: str, wanted: tuple[str, ...], found: list[str]) -> list[str]:
    """Return a sentence on a step that reverses signs and finds no row with its values."""
    names = ", ".join(f"“{value}”" for value in wanted)
    values = ", ".join(f"“{text}”" if text else "nothing" for text in found)
    return [
        f"No sign was reversed: no row says {names} in the column “{heading}”. There it says "
        f"{values}."
    ]


def _plural_s(number: int) -> str:
    return "" if number == 1 else "s"
