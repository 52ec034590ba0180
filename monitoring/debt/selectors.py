"""Aged debt of a period, live and as reports froze it, and last year's beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from council_finance import registry
from council_finance.charts import Chart
from council_finance.periods import financial_year_label, period_name
from council_finance.statements import Display
from monitoring.debt.charts import by_age
from monitoring.debt.models import AgedDebt
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period

PART = "aged_debt"
NAME = "aged-debt"
BANDS = {
    "not_overdue": "not overdue",
    "days_0_30": "0 to 30 days overdue",
    "days_31_90": "31 to 90 days overdue",
    "days_91_365": "91 to 365 days overdue",
    "days_over_365": "more than 365 days overdue",
}
"""The bands, and how each is called within a sentence."""

_OVER_90 = ("days_91_365", "days_over_365")


@dataclass(frozen=True, slots=True)
class AgedDebtRow:
    """What people owe the council in a service, in pence by days overdue; None is not given."""

    service: str
    name: str
    not_overdue: int | None
    days_0_30: int | None
    days_31_90: int | None
    days_91_365: int | None
    days_over_365: int | None

    def in_band(self, band: str) -> int | None:
        """Return what is owed in one of BANDS."""
        pence: int | None = getattr(self, band)
        return pence


@registry.report_section(PART)
def aged_debt_part(period: Period) -> list[dict[str, Any]]:
    """The period's rows in the order of their file, in pence; None: not given."""
    rows = AgedDebt.objects.filter(period=period.pk).select_related("service").order_by("order")
    return [
        {
            "service": row.service.code,
            "name": row.name,
            **{band: getattr(row, f"{band}_pence") for band in BANDS},
        }
        for row in rows
    ]


def debt_of(facts: ReportData) -> list[AgedDebtRow]:
    """The rows of a draft or a report; none of a report that was published without."""
    return facts.typed_section(PART, _read_rows)


def _read_rows(data: Iterable[Mapping[str, Any]] | None) -> list[AgedDebtRow]:
    return [AgedDebtRow(**row) for row in data or ()]


def display_of_debt(facts: ReportData) -> Display:
    """Shares print whole, as published, unless the council sets this statement up itself."""
    display = facts.display(NAME)
    return display if NAME in facts.settings.displays else replace(display, percent_decimals=0)


def band_sum(rows: Iterable[AgedDebtRow], *bands: str) -> int | None:
    """What the rows owe in these bands, in pence; None where none of them is given."""
    owed = (row.in_band(band) for row in rows for band in bands)
    given = [pence for pence in owed if pence is not None]
    return sum(given) if given else None


@dataclass(frozen=True)
class LastYear:
    """The aged debt that a year earlier was published: of which report, and its rows."""

    name: str
    rows: list[AgedDebtRow]


@dataclass(frozen=True)
class Overdue:
    """Debt over 90 days as a page shows it: the amount, its share of all that is owed, last year's.

    An empty `last_year` says that none is known for the row.
    """

    label: str
    amount: str
    share: str
    last_year: str


def last_years_debt(facts: ReportData) -> LastYear | None:
    """Of the same period of the year before, or the nearest earlier one published with debt.

    Of each period its latest version counts: what that says nothing of is taken back.
    """
    year, number = facts.period.year, facts.period.number
    reports = Report.objects.filter(
        period__year__start=year.start - 1, period__number__lte=number
    ).order_by("-period__number", "version")
    latest = dict(reports.values_list("period__number", f"frozen__parts__{PART}"))
    for found, rows in latest.items():
        if rows:
            name = f"{period_name(found)} of {financial_year_label(year.start - 1)}"
            return LastYear(name, _read_rows(rows))
    return None


def overdue(facts: ReportData, before: LastYear | None) -> list[Overdue]:
    """Debt over 90 days row by row, those with most first, and the total last."""
    display, rows = display_of_debt(facts), debt_of(facts)
    earlier = {(row.service, row.name): row for row in before.rows} if before else {}
    ordered = sorted(rows, key=lambda row: -(band_sum([row], *_OVER_90) or 0))
    found = [
        _overdue(display, row.name, [row], [each] if each else [])
        for row in ordered
        for each in [earlier.get((row.service, row.name))]
    ]
    return [*found, _overdue(display, "Total", rows, before.rows if before else [])]


def debt_chart(facts: ReportData) -> Chart | None:
    """All that is owed by age, without bands that nobody gives; None where nothing is given."""
    rows = debt_of(facts)
    sums = {words: band_sum(rows, band) for band, words in BANDS.items()}
    given = {words: pence for words, pence in sums.items() if pence is not None}
    if not given:
        return None
    over = {BANDS[band] for band in _OVER_90}
    return by_age(given, display_of_debt(facts), long_overdue=over)


def _overdue(
    display: Display, label: str, rows: list[AgedDebtRow], earlier: list[AgedDebtRow]
) -> Overdue:
    amount = band_sum(rows, *_OVER_90)
    text = "\N{EN DASH}" if amount is None else display.amount(amount)
    return Overdue(label, text, _share(display, rows), _share(display, earlier))


def _share(display: Display, rows: list[AgedDebtRow]) -> str:
    over, total = band_sum(rows, *_OVER_90), band_sum(rows, *BANDS)
    return "" if over is None or total is None else display.percent(over, total)


def debt_sentence(facts: ReportData, before: LastYear | None) -> str:
    """What is owed, and how much of it for more than 90 days, in a sentence."""
    display, rows = display_of_debt(facts), debt_of(facts)
    total, over = band_sum(rows, *BANDS) or 0, band_sum(rows, *_OVER_90)
    text = f"{display.in_words(total)} is owed to the council"
    if over is None:
        return f"{text}."
    text += f", of which {display.in_words(over)} ({_share(display, rows)}) is more than 90 days "
    text += "overdue"
    if before and (share := _share(display, before.rows)):
        return f"{text}; it was {share} in {before.name[:1].lower()}{before.name[1:]}."
    return f"{text}."
