"""Numbers as settings keep them: pounds and per cent as people type them, kept exactly. Pure."""

import re

from council_finance.forms.fields import describe_bad_amount
from council_finance.money import NotAnAmount, parse_amount

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_MOST_DIGITS = 15
"""So many digits a binary fraction keeps exactly."""


class NotANumber(ValueError):
    """A text that is no number; the message is a sentence for the person who typed it."""


def pounds_of(pence: int) -> int | float:
    """Return an amount in pounds, as pack.toml writes it."""
    return pence // 100 if pence % 100 == 0 else pence / 100


def read_pounds_typed(text: str) -> int | float:
    """Return a number of pounds; a limit of a rule may have more decimals than pence.

    Raise `NotANumber`.
    """
    try:
        pence = parse_amount(text)
    except NotAnAmount as fault:
        number = _read_plain(text.replace("£", ""))
        if number is None:
            raise NotANumber(
                f"{describe_bad_amount(text, fault)} Enter pounds, such as 12,500 or £0.5m."
            ) from fault
        return number
    if pence is None:
        raise NotANumber("Enter pounds, such as 12,500 or £0.5m.")
    return pounds_of(pence)


def read_percent_typed(text: str) -> int | float:
    """Return a number of per cent, typed with or without its sign. Raise `NotANumber`."""
    number = _read_plain(text.strip().removesuffix("%"))
    if number is None:
        raise NotANumber(f"“{text.strip()[:40]}” cannot be read. Enter a percentage, such as 2.5.")
    return number


def _read_plain(text: str) -> int | float | None:
    plain = text.strip().replace(",", "").replace("\N{MINUS SIGN}", "-")
    digits = sum(each.isdigit() for each in plain)
    if not plain.isascii() or not _NUMBER.fullmatch(plain) or digits > _MOST_DIGITS:
        return None
    number = float(plain)
    return int(number) if number.is_integer() else number
