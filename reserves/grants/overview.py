"""The grants of a report in brief: conditions, what ends, and what is to be given back."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from council_finance.key_figures import KeyFigure
from council_finance.money import percentage
from council_finance.periods import long_date
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.calculations import add_given
from reserves.grants.report_rows import REVENUE, GrantRow
from reserves.grants.report_section import section_of
from reserves.grants.statements.register import NAME

GIVEN_BACK, OWN_PURPOSE, FREE, NOT_STATED = (
    "To be given back",
    "Kept for its purpose",
    "Free to be spent",
    "Not stated",
)
_CONDITIONS = (GIVEN_BACK, OWN_PURPOSE, FREE, NOT_STATED)
Rows = list[tuple[str, ...]]


def condition_of(grant: GrantRow) -> str:
    """Return in words what happens to what is unspent of a grant."""
    if grant.repay_unspent:
        return GIVEN_BACK
    if grant.ring_fenced:
        return OWN_PURPOSE
    return FREE if grant.repay_unspent is False and grant.ring_fenced is False else NOT_STATED


@dataclass(frozen=True)
class GrantsOverview:
    """A report's grants; amounts in pence."""

    facts: ReportData

    @cached_property
    def grants(self) -> list[GrantRow]:
        """The grants in the order of the register."""
        return section_of(self.facts).grants

    @cached_property
    def display(self) -> Display:
        """The display of the statement of grants."""
        return self.facts.display(NAME)

    @cached_property
    def year_end(self) -> datetime.date:
        """31 March, the last day of the year."""
        return datetime.date(self.facts.period.year.start + 1, 3, 31)

    @property
    def revenue(self) -> list[GrantRow]:
        """The revenue grants."""
        return section_of(self.facts).of_kind(REVENUE)

    @property
    def expected(self) -> int | None:
        """Return what revenue grants are expected to bring; None where nothing is given."""
        return add_given([grant.expected for grant in self.revenue])

    @cached_property
    def ending(self) -> list[GrantRow]:
        """The grants with a known last day, the soonest first."""
        return sorted((each for each in self.grants if each.end_date), key=lambda g: g.end_date)

    @property
    def ending_this_year(self) -> int:
        """Return what revenue grants are expected to bring that end by 31 March."""
        last = self.year_end.isoformat()
        ending = [each for each in self.ending if each in self.revenue and each.end_date <= last]
        return sum(each.expected or 0 for each in ending)

    @cached_property
    def unspent(self) -> list[tuple[GrantRow, int]]:
        """The grants that carry money forward, with how much."""
        return [(each, held) for each in self.grants if (held := each.carried_forward or 0) > 0]

    @cached_property
    def overspent(self) -> list[tuple[GrantRow, int]]:
        """The grants that carry a deficit forward, with how much, positive."""
        return [(each, -held) for each in self.grants if (held := each.carried_forward or 0) < 0]

    @property
    def to_give_back(self) -> int:
        """Return what is unspent of grants that have to be given back."""
        return sum(held for each, held in self.unspent if each.repay_unspent)

    @property
    def without_one_off_money(self) -> int | None:
        """Return the net variance without grants that end, and without planned use of balances.

        None where nothing has been forecast.
        """
        top = self.facts.top
        if top.net_variance is None:
            return None
        planned = top.use_of_reserves + top.use_of_capital_receipts
        return top.net_variance - planned + self.ending_this_year


def summary_sentence(overview: GrantsOverview) -> str:
    """Return the finding about grants in words."""
    if not overview.grants:
        return "No grants have been brought in."
    words, year = overview.display.in_words, overview.facts.header.financial_year
    parts = []
    if overview.expected is not None:
        parts.append(f"Revenue grants of {words(overview.expected)} are expected in {year}")
    if overview.ending_this_year:
        last = long_date(overview.year_end)
        parts.append(f"{words(overview.ending_this_year)} of them ends by {last}")
    if overview.to_give_back:
        parts.append(f"{words(overview.to_give_back)} is to be given back")
    if overview.overspent:
        deficit = words(sum(amount for _, amount in overview.overspent))
        parts.append(f"{deficit} more has been applied than grants hold")
    if not parts:
        parts = [f"No amount is expected of the grants of {year}"]
    return "; ".join(parts) + "."


def key_figures(overview: GrantsOverview) -> list[KeyFigure]:
    """Return the key figures of the page of grants."""
    return list(_list_figures(overview)) if overview.grants else []


def _list_figures(overview: GrantsOverview) -> Iterator[KeyFigure]:
    words = overview.display.in_words
    if overview.expected is not None:
        yield KeyFigure("Revenue grants expected", words(overview.expected))
    unspent = sum(held for _, held in overview.unspent)
    yield KeyFigure("Unspent, carried forward", words(unspent), note=_describe_deficits(overview))
    unstated = sum(each.repay_unspent is None for each, _ in overview.unspent)
    is_stated = unstated < len(overview.unspent) or not unstated
    note = f"not stated of {_count_grants(unstated)}" if unstated else ""
    text = words(overview.to_give_back) if is_stated else "Not stated"
    yield KeyFigure("To be given back", text, note=note)
    yield KeyFigure(
        f"Ends by {long_date(overview.year_end)}",
        words(overview.ending_this_year) if overview.ending else "Not known",
        note=f"last day known of {len(overview.ending)} of {_count_grants(len(overview.grants))}",
    )


def _describe_deficits(overview: GrantsOverview) -> str:
    if not overview.overspent:
        return ""
    deficit = overview.display.in_words(sum(amount for _, amount in overview.overspent))
    return f"and a deficit of {deficit} on {_count_grants(len(overview.overspent))}"


def _count_grants(number: int) -> str:
    return "1 grant" if number == 1 else f"{number} grants"


def condition_rows(overview: GrantsOverview) -> Rows:
    """Return what is unspent by condition: condition, number of grants, amount."""
    amount = overview.display.amount
    rows: Rows = [
        (condition, str(len(held)), amount(sum(held)))
        for condition in _CONDITIONS
        if (held := [pence for each, pence in overview.unspent if condition_of(each) == condition])
    ]
    if overview.overspent:
        deficit = sum(pence for _, pence in overview.overspent)
        rows.append(("Applied beyond the grant", str(len(overview.overspent)), amount(-deficit)))
    return rows


def balance_rows(overview: GrantsOverview) -> list[tuple[GrantRow, str, str, str]]:
    """Return each grant with a balance: its condition, last day, and amount carried forward."""
    return [
        (each, condition_of(each), _last_day(each), overview.display.amount(held))
        for each in overview.grants
        if (held := each.carried_forward)
    ]


def _last_day(grant: GrantRow) -> str:
    if not grant.end_date:
        return "not known"
    return long_date(datetime.date.fromisoformat(grant.end_date))


def ring_fenced_rows(overview: GrantsOverview) -> list[tuple[GrantRow, Sequence[str]]]:
    """Return ring-fenced grants from their opening to their closing balance, with its share.

    The share is that of the amount expected for the year, in per cent.
    """
    amount = overview.display.amount
    found: list[tuple[GrantRow, Sequence[str]]] = []
    for each in overview.grants:
        if each.ring_fenced and each.carried_forward is not None:
            other = (each.other_movements or 0) - (each.repaid or 0)
            steps = (each.opening or 0, each.received or 0, -(each.applied or 0), other)
            share = percentage(each.carried_forward, each.expected or 0)
            texts = [amount(pence) for pence in (*steps, each.carried_forward)]
            found.append((each, [*texts, "–" if share is None else f"{share:.1f}%"]))
    return found


def ending_rows(overview: GrantsOverview) -> list[tuple[GrantRow, str, str]]:
    """Return the grants with a known last day: the day, and what is expected this year."""
    amount = overview.display.amount
    return [
        (each, _last_day(each), "–" if each.expected is None else amount(each.expected))
        for each in overview.ending
    ]


def position_rows(overview: GrantsOverview) -> Rows:
    """Return how much of the net variance stands on money that ends: label and amount.

    Empty where nothing ends and no balances are used, or nothing has been forecast.
    """
    top, without = overview.facts.top, overview.without_one_off_money
    if without is None or without == top.net_variance or top.net_variance is None:
        return []
    amount = overview.display.amount
    rows: Rows = [("Net variance", amount(top.net_variance))]
    if overview.ending_this_year:
        label = f"Grants that end by {long_date(overview.year_end)}"
        rows.append((label, amount(overview.ending_this_year)))
    for label, planned in (
        ("Planned use of reserves", top.use_of_reserves),
        ("Planned use of capital receipts", top.use_of_capital_receipts),
    ):
        if planned:
            rows.append((label, amount(-planned)))
    return [*rows, ("Net variance without them", amount(without))]
