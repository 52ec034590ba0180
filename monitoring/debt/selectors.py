"""Aged debt of a period, in its draft or as published, with last year's for comparison."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from council_finance import registry
from council_finance.charts import Chart
from council_finance.one_reading import once_for_each
from council_finance.periods import financial_year_label, period_name
from council_finance.prepared import prepared
from council_finance.statements import Display
from monitoring.debt.charts import by_age
from monitoring.debt.models import AgedDebt
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear, Period

SECTION = "aged_debt"
NAME = "aged-debt"
BANDS = {
    "not_overdue": "not overdue",
    "days_0_30": "0 to 30 days overdue",
    "days_31_90": "31 to 90 days overdue",
    "days_91_365": "91 to 365 days overdue",
    "days_over_365": "more than 365 days overdue",
}
"""The bands, with the name of each within a sentence."""

_OVER_90 = ("days_91_365", "days_over_365")


@dataclass(frozen=True, slots=True)
class AgedDebtRow:
    """A row of aged debt: amounts owed to a service, in pence by days overdue; None: not given."""

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


@registry.report_section(SECTION)
def aged_debt_section(period: Period) -> list[dict[str, Any]]:
    """Return the period's rows as publishing keeps them, in pence; None: not given."""
    rows = AgedDebt.objects.filter(period=period.pk).select_related("service").order_by("order")
    return [
        {
            "service": row.service.code,
            "name": row.name,
            **{band: getattr(row, f"{band}_pence") for band in BANDS},
        }
        for row in rows
    ]


def periods_with_debt(year: FinancialYear) -> set[int]:
    """Return the periods (ids) of a year and of the year before for which there is aged debt."""
    return periods_with_debt_of([year])[year]


@once_for_each
def periods_with_debt_of(years: Collection[FinancialYear]) -> dict[FinancialYear, set[int]]:
    """Return the same of several years, by one query."""
    starts = sorted({start for year in years for start in (year.start - 1, year.start)})
    found: dict[int, set[int]] = {start: set() for start in starts}
    for start, period in _periods_with_debt_in(*starts):
        found[start].add(period)
    return {year: found[year.start - 1] | found[year.start] for year in years}


@prepared
def _periods_with_debt_in(*starts: int) -> QuerySet[AgedDebt, Any]:
    rows = AgedDebt.objects.filter(period__year__start__in=starts).order_by()
    return rows.values_list("period__year__start", "period").distinct()


def debt_rows(facts: ReportData) -> list[AgedDebtRow]:
    """Return the rows of a draft or a report; none where it was published without aged debt."""
    return facts.typed_section(SECTION, _read_rows)


def _read_rows(data: Iterable[Mapping[str, Any]] | None) -> list[AgedDebtRow]:
    return [AgedDebtRow(**row) for row in data or ()]


def debt_display(facts: ReportData) -> Display:
    """Return how the statement prints: shares whole, unless the council sets it up itself."""
    display = facts.display(NAME)
    return display if NAME in facts.settings.displays else replace(display, percent_decimals=0)


def band_sum(rows: Iterable[AgedDebtRow], *bands: str) -> int | None:
    """Return the total of the rows in these bands, in pence; None where no amount is given."""
    owed = (row.in_band(band) for row in rows for band in bands)
    given = [pence for pence in owed if pence is not None]
    return sum(given) if given else None


@dataclass(frozen=True)
class LastYear:
    """The aged debt published a year earlier: the name of the report, and its rows."""

    name: str
    rows: list[AgedDebtRow]


@dataclass(frozen=True)
class Overdue:
    """Debt over 90 days as printed: the amount, and its share of all debt now and last year.

    `last_year` is empty where it is not known.
    """

    label: str
    amount: str
    share: str
    last_year: str


def last_years_debt(facts: ReportData) -> LastYear | None:
    """Return the debt of the same period last year, or of the nearest one before it with any.

    The latest version of each period counts, so debt that it no longer has is left out.
    """
    year, number = facts.period.year, facts.period.number
    reports = Report.objects.filter(
        period__year__start=year.start - 1, period__number__lte=number
    ).order_by("-period__number", "version")
    latest = dict(reports.values_list("period__number", f"frozen__parts__{SECTION}"))
    for found, rows in latest.items():
        if rows:
            name = f"{period_name(found)} of {financial_year_label(year.start - 1)}"
            return LastYear(name, _read_rows(rows))
    return None


def overdue(facts: ReportData, before: LastYear | None) -> list[Overdue]:
    """Return debt over 90 days row by row, the largest first, and the total last."""
    display, rows = debt_display(facts), debt_rows(facts)
    earlier = {(row.service, row.name): row for row in before.rows} if before else {}
    ordered = sorted(rows, key=lambda row: -(band_sum([row], *_OVER_90) or 0))
    found = [
        _overdue_row(display, row.name, [row], [each] if each else [])
        for row in ordered
        for each in [earlier.get((row.service, row.name))]
    ]
    return [*found, _overdue_row(display, "Total", rows, before.rows if before else [])]


def debt_chart(facts: ReportData) -> Chart | None:
    """Return the chart of debt by age, without bands not given; None where no amount is given."""
    rows = debt_rows(facts)
    sums = {words: band_sum(rows, band) for band, words in BANDS.items()}
    given = {words: pence for words, pence in sums.items() if pence is not None}
    if not given:
        return None
    over = {BANDS[band] for band in _OVER_90}
    return by_age(given, debt_display(facts), long_overdue=over)


def _overdue_row(
    display: Display, label: str, rows: list[AgedDebtRow], earlier: list[AgedDebtRow]
) -> Overdue:
    amount = band_sum(rows, *_OVER_90)
    text = "\N{EN DASH}" if amount is None else display.amount(amount)
    return Overdue(label, text, _overdue_share(display, rows), _overdue_share(display, earlier))


def _overdue_share(display: Display, rows: list[AgedDebtRow]) -> str:
    over, total = band_sum(rows, *_OVER_90), band_sum(rows, *BANDS)
    return "" if over is None or total is None else display.percent(over, total)


def debt_sentence(facts: ReportData, before: LastYear | None) -> str:
    """Return a sentence: the amount owed, and how much of it is over 90 days overdue."""
    display, rows = debt_display(facts), debt_rows(facts)
    total, over = band_sum(rows, *BANDS) or 0, band_sum(rows, *_OVER_90)
    text = f"{display.in_words(total)} is owed to the council"
    if over is None:
        return f"{text}."
    share = _overdue_share(display, rows)
    text += f", of which {display.in_words(over)} ({share}) is more than 90 days overdue"
    if before and (earlier := _overdue_share(display, before.rows)):
        return f"{text}; it was {earlier} in {before.name[:1].lower()}{before.name[1:]}."
    return f"{text}."
