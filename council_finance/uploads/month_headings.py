"""Headings that bear the month of the file: `Actuals YTD P04`, `Forecast June 2019`. Pure.

A ledger prints the month in its headings, so that each month's file has others. Such a heading is
the same one in every month, as long as only the month differs and is printed in the same way.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from council_finance.uploads.columns import normalised
from council_finance.uploads.units import split_unit

_NAMES = (
    *("apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?", "sept?(?:ember)?", "oct(?:ober)?"),
    *("nov(?:ember)?", "dec(?:ember)?", "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?"),
)
"""The names of the months in the order of the financial year."""

_CALENDAR_YEAR_ENDS = 9
"""The number from April of December: later months are in the next calendar year."""

_ANY = f"(?:{'|'.join(_NAMES)})"
_YEAR = r"(?:(?:19|20)[0-9]{2}|['’]?[0-9]{2})"
_FINANCIAL_YEAR = r"20[0-9]{2}[/-](?:20)?[0-9]{2}"
_DAY = r"(?:[0-3]?[0-9](?:st|nd|rd|th)?\s+)?"
_STYLES = (
    rf"(?P<first>{_ANY})(?:[\s'’-]*{_YEAR})?\s*(?:-|–|—|/|to)\s*(?P<last>{_ANY})"
    rf"(?:[\s'’,-]*(?:(?P<last_fy>{_FINANCIAL_YEAR})|(?P<last_year>{_YEAR})))?",
    rf"{_DAY}(?P<name>{_ANY})"
    rf"(?:[\s'’,-]*(?:(?P<name_fy>{_FINANCIAL_YEAR})|(?P<name_year>{_YEAR})))?",
    r"(?:p|pd|per|period|mth|month|(?-i:M))[\s.:_-]*(?P<period>0?[1-9]|1[0-3])",
    r"[0-3]?[0-9][./-](?P<date_month>0?[1-9]|1[0-2])[./-](?P<date_year>(?:20)?[0-9]{2})",
    r"0{0,2}(?P<number>[1-9]|1[0-3])[./-](?P<number_year>20[0-9]{2})",
)
_MONTH = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_STYLES)})(?![a-z0-9])", re.IGNORECASE)
_MARK = "¤"


class MonthHeading(NamedTuple):
    """A heading that bears a month: `words` are equal where only the month differs.

    `words` are the texts before and after the month, and how the month is printed; `bare` are the
    same without the unit that the heading states. `month` is the start of its financial year, 0
    where the heading has no year, and its number from April.
    """

    words: tuple[str, str, str]
    bare: tuple[str, str, str]
    month: tuple[int, int]


@lru_cache(maxsize=10_000)
def month_heading(heading: str) -> MonthHeading | None:
    """Return the words and the month of a heading; None where it does not bear just one month.

    A heading that is nothing but a month, as in a file with a column for each, bears none: there
    the month is what the column is.
    """
    found = list(_MONTH.finditer(heading))
    if len(found) != 1:
        return None
    match = found[0]
    marked = f"{heading[: match.start()]} {_MARK} {heading[match.end() :]}"
    style, month = _read_month(match)
    bare = _split_words(split_unit(marked)[0], style)
    if bare == ("", style, ""):
        return None
    return MonthHeading(_split_words(marked, style), bare, month)


def _split_words(marked: str, style: str) -> tuple[str, str, str]:
    before, _, after = marked.partition(_MARK)
    return normalised(before), style, normalised(after)


def _read_month(match: re.Match[str]) -> tuple[str, tuple[int, int]]:
    """Return how a month is printed, and its financial year and number from April."""
    if match["period"]:
        return "period", (0, int(match["period"]))
    if match["number"]:
        return "number and year", (int(match["number_year"]), int(match["number"]))
    if match["date_month"]:
        number = (int(match["date_month"]) - 4) % 12 + 1
        return "date", (_start_year(match["date_year"], number), number)
    style = "range" if match["last"] else "name"
    number = _number_from_april(match["last"] or match["name"])
    if fy := match["last_fy"] or match["name_fy"]:
        return f"{style} and financial year", (int(fy[:4]), number)
    if year := match["last_year"] or match["name_year"]:
        return f"{style} and year", (_start_year(year, number), number)
    return style, (0, number)


def _number_from_april(name: str) -> int:
    return next(
        place
        for place, pattern in enumerate(_NAMES, start=1)
        if re.fullmatch(pattern, name, re.IGNORECASE)
    )


def _start_year(text: str, number: int) -> int:
    """Return the calendar year in which the month's financial year starts."""
    year = int(text.strip("'’")) % 100 + 2000
    return year if number <= _CALENDAR_YEAR_ENDS else year - 1


def place_by_month(
    heading: str, others: Iterable[str], titles: Sequence[Iterable[str]]
) -> int | None:
    """Return the place of the one title that is a layout's heading but for its month.

    `others` are all headings of the layout; `titles` are the texts of each column's heading, alone
    and with its group heading. None where the layout or the file has several headings that differ
    only by the month: they are different columns, and a person has to choose.
    """
    wanted = month_heading(heading)
    if wanted is None:
        return None
    of_layout = {
        normalised(each)
        for each in others
        if (own := month_heading(each)) is not None and own.bare == wanted.bare
    }
    places = [
        place
        for place, texts in enumerate(titles)
        if any(_has_words(text, wanted) for text in texts)
    ]
    return places[0] if len(places) == 1 and len(of_layout) <= 1 else None


def later_months(heading: str, titles: Iterable[str]) -> list[str]:
    """Return the titles that are the heading but for a later month."""
    own = month_heading(heading)
    if own is None:
        return []
    found = {title: month_heading(title) for title in titles}
    return [
        title
        for title, each in found.items()
        if each is not None and each.bare == own.bare and each.month > own.month
    ]


def same_but_for_month(heading: str, title: str) -> bool:
    """Return whether a file's title is a layout's heading but for the month.

    As where the months are equal, the title may state a unit that the heading does not.
    """
    own = month_heading(heading)
    return own is not None and _has_words(title, own)


def _has_words(title: str, wanted: MonthHeading) -> bool:
    found = month_heading(title)
    return found is not None and wanted.words in (found.words, found.bare)
