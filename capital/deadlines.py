"""Funding that has to be spent by a day, and what of it is not forecast to be spent."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from capital.calculations import add_given, difference
from capital.printed_rows import print_amount
from capital.report_rows import FundingRow
from capital.report_section import section_of
from council_finance.periods import CLOSE, as_at, long_date
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData


@dataclass(frozen=True)
class Deadline:
    """A source with the last day on which its money may be spent, in pence.

    `unspent` is what of its revised funding is not forecast to be spent this year; None where
    either is not given.
    """

    source: FundingRow
    last_day: datetime.date
    unspent: int | None


@dataclass(frozen=True)
class PrintedDeadline:
    """A source with a last day, as printed; `state` is a word for how near the day is."""

    source: str
    last_day: str
    state: str
    tone: str
    budget: str
    forecast: str
    unspent: str


@dataclass(frozen=True)
class FundingDeadlines:
    """A sentence about what has to be spent within twelve months, and a row for each source."""

    sentence: str
    rows: list[PrintedDeadline]


def deadlines_of(sources: Iterable[FundingRow]) -> list[Deadline]:
    """Return the sources that have a last day, the soonest first."""
    found = [
        Deadline(source, datetime.date.fromisoformat(source.spend_by), _find_unspent(source))
        for source in sources
        if source.spend_by
    ]
    return sorted(found, key=lambda each: (each.last_day, each.source.reference))


def _find_unspent(source: FundingRow) -> int | None:
    left = difference(source.budget, source.forecast)
    return None if left is None else max(0, left)


def funding_deadlines(facts: ReportData, display: Display) -> FundingDeadlines | None:
    """Return what has to be spent within twelve months of a report; None without such sources."""
    found = deadlines_of(section_of(facts).funding)
    if not found:
        return None
    start, number = facts.period.year.start, facts.period.number
    today, limit = as_at(start, number), as_at(start + 1, number)
    due = [each for each in found if each.last_day <= limit]
    return FundingDeadlines(
        " ".join(_describe_due(due, limit, display, at_close=number == CLOSE)),
        [_print_deadline(each, today, limit, display) for each in found],
    )


def _describe_due(
    due: list[Deadline], limit: datetime.date, display: Display, *, at_close: bool
) -> Iterator[str]:
    by = f"by {long_date(limit)}, within 12 months"
    if not due:
        yield f"No funding has to be spent {by}."
        return
    unspent = add_given(each.unspent for each in due)
    forecast = "was not spent" if at_close else "is not forecast to be spent"
    if unspent:
        yield (
            f"{display.in_words(unspent)} of funding that must be spent {by}, {forecast} this year."
        )
    elif unspent is not None:
        all_of_it = "was spent" if at_close else "is forecast to be spent"
        yield f"All funding that must be spent {by}, {all_of_it} this year."
    if missing := sum(each.unspent is None for each in due):
        sources = "1 such source" if missing == 1 else f"{missing} such sources"
        yield f"The revised funding or the forecast of {sources} is not given."


def _print_deadline(
    each: Deadline, today: datetime.date, limit: datetime.date, display: Display
) -> PrintedDeadline:
    state, tone = "Later", "grey"
    if each.last_day <= limit:
        state, tone = "Within 12 months", "amber"
    if each.last_day < today:
        state, tone = "Passed", "red"
    return PrintedDeadline(
        source=each.source.name,
        last_day=long_date(each.last_day),
        state=state,
        tone=tone,
        budget=print_amount(each.source.budget, display),
        forecast=print_amount(each.source.forecast, display),
        unspent=print_amount(each.unspent, display),
    )
