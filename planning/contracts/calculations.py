"""The dates and values of a contract, and what is to be noted about it. Pure; amounts in pence."""

import calendar
import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from council_finance.money import round_half_away

_DAY = datetime.timedelta(days=1)
_ALL_HUNDREDTHS = 10_000
_MONTHS_A_YEAR = 12
_COMPANY_FORMS = {"ltd", "limited", "plc", "llp", "cic", "cio", "the"}


@dataclass(frozen=True)
class Term:
    """The dates of a contract as the register gives them; None is not given.

    `extensions` are the months of each extension in order; the first `taken` have been taken.
    """

    start: datetime.date | None = None
    stated_end: datetime.date | None = None
    months: int | None = None
    extensions: tuple[int, ...] = ()
    taken: int = 0
    break_on: datetime.date | None = None
    notice_months: int | None = None
    notice_anniversary: str = ""

    @property
    def end(self) -> datetime.date | None:
        """Return the last day, with the extensions taken: as stated, or start + term - 1 day."""
        if self.stated_end is not None or self.start is None or self.months is None:
            return self.stated_end
        return add_months(self.start, self.months + sum(self.extensions[: self.taken])) - _DAY

    @property
    def latest_end(self) -> datetime.date | None:
        """Return the last day with every extension that is left."""
        end = self.end
        left = sum(self.extensions[self.taken :])
        return None if end is None else add_months(end + _DAY, left) - _DAY

    @property
    def all_months(self) -> int | None:
        """Return the months of the term with all extensions.

        Without a term they are counted from the start to the latest end; None where these are not
        given, or are not whole months apart.
        """
        if self.months is not None:
            return self.months + sum(self.extensions)
        latest = self.latest_end
        if self.start is None or latest is None:
            return None
        after = latest + _DAY
        months = (after.year - self.start.year) * _MONTHS_A_YEAR + after.month - self.start.month
        return months if add_months(self.start, months) == after else None


def add_months(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of another month, or its last day where the month is shorter."""
    place = day.year * _MONTHS_A_YEAR + day.month - 1 + months
    year, month = place // _MONTHS_A_YEAR, place % _MONTHS_A_YEAR + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def months_before(day: datetime.date, months: int) -> datetime.date:
    """Return the last day on which a notice of so many months ends an agreement on a day."""
    return add_months(day + _DAY, -months) - _DAY


def anniversary_in(year: int, month_and_day: str) -> datetime.date:
    """Return the day `03-31` of a calendar year; 29 February is the 28th where there is none."""
    month, day = (int(part) for part in month_and_day.split("-"))
    return datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def ends_after_notice(given_on: datetime.date, months: int, month_and_day: str) -> datetime.date:
    """Return the first anniversary at least so many months after a notice was given."""
    year = given_on.year
    while months_before(anniversary_in(year, month_and_day), months) < given_on:
        year += 1
    return anniversary_in(year, month_and_day)


def last_notice_day(term: Term, as_at: datetime.date) -> datetime.date | None:
    """Return the next last day for notice, or the one that has passed; None without a notice.

    It counts back from the anniversary where there is one, else from a break that is still to come,
    else from the end.
    """
    if term.notice_months is None:
        return None
    if term.notice_anniversary:
        ends = ends_after_notice(as_at, term.notice_months, term.notice_anniversary)
        return months_before(ends, term.notice_months)
    break_on = term.break_on if term.break_on and term.break_on >= as_at else None
    counted_from = break_on or term.end
    return None if counted_from is None else months_before(counted_from, term.notice_months)


def whole_life_value(total: int | None, annual: int | None, term: Term) -> int | None:
    """Return the value over all months, extensions included: as stated, or from the annual one."""
    months = term.all_months
    if total is not None or annual is None or months is None:
        return total
    return round_half_away(annual * months, _MONTHS_A_YEAR)


def divide_by_shares(amount: int | None, hundredths: Sequence[int]) -> list[int | None]:
    """Return each share of an amount, rounded to the penny; the last one takes the rest."""
    if amount is None:
        return [None] * len(hundredths)
    parts = [round_half_away(amount * each, _ALL_HUNDREDTHS) for each in hundredths[:-1]]
    return [*parts, amount - sum(parts)]


def is_within(day: datetime.date | None, first: datetime.date, months: int) -> bool:
    """Return whether a day falls within so many months of another, both days included."""
    return day is not None and first <= day <= months_after(first, months)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """Return the day so many months later; from the last day of a month, the last of another."""
    return add_months(day + _DAY, months) - _DAY


def same_supplier_names(names: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the names of each supplier that is entered under several, by each of these names.

    `names` are pairs of a name and a registration number (or ""). Names are of one supplier where
    the registration is the same, or where they differ in capitals, punctuation and the words for
    the form of a company alone.
    """
    groups: dict[str, set[str]] = {}
    for name, registration in names:
        if name:
            groups.setdefault(f"name {_plain_name(name)}", set()).add(name)
        if name and registration:
            groups.setdefault(f"registration {registration}", set()).add(name)
    found: dict[str, set[str]] = {}
    for group in (each for each in groups.values() if len(each) > 1):
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: tuple(sorted(group)) for name, group in found.items()}


def _plain_name(name: str) -> str:
    words = re.sub(r"[^a-z0-9 ]", "", name.casefold().replace("&", " and ")).split()
    return " ".join(word for word in words if word not in _COMPANY_FORMS)
