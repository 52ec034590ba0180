"""Errors of the forecasts of a year's reports, and of earlier years at the same month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.prepared import prepared
from monitoring.accuracy.calculations import Errors, VariancesByKey, errors_of, sum_up
from monitoring.published.models import HistoricFigure, Report, ReportFigure
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period

SECTION, NAME = "forecast_accuracy", "forecast-accuracy"
MOST_YEARS = 5
"""The number of closed years that are looked at, the latest first."""


@dataclass(frozen=True)
class YearOfForecasts:
    """A closed year: by period the errors of its rows in pence, by key.

    `restated` says whether the forecasts were restated to the tree and virements of the close, or
    compared as they were published.
    """

    start: int
    restated: bool
    errors: Mapping[int, Mapping[str, int]]

    def at(self, number: int) -> Mapping[str, int]:
        """Return the errors at a period, or at the nearest before it that has any."""
        before = [each for each in self.errors if each <= number]
        return self.errors[max(before)] if before else {}


@registry.report_section(SECTION)
def accuracy_section(period: Period) -> list[dict[str, Any]]:
    """Return the years that a report's accuracy is judged by, as publishing keeps them.

    They are closed years before the report's or, at the close, its own year.
    """
    start = period.year.start
    years = [_own_year(period)] if period.number == CLOSE else _closed_years(start)
    return [
        {
            "start": year.start,
            "restated": year.restated,
            "errors": {str(number): dict(errors) for number, errors in year.errors.items()},
        }
        for year in years
    ]


def years_of(facts: ReportData) -> list[YearOfForecasts]:
    """Return the years that a draft or a report is judged by, the earliest first."""
    return facts.typed_section(SECTION, _read_years)


def _read_years(data: Iterable[Mapping[str, Any]] | None) -> list[YearOfForecasts]:
    return [
        YearOfForecasts(
            each["start"],
            each["restated"],
            {int(number): errors for number, errors in each["errors"].items()},
        )
        for each in data or ()
    ]


def errors_by_key(facts: ReportData) -> dict[str, Errors]:
    """Return the errors of each row: at this month of earlier years or, at the close, of its year.

    At the close they are those of the year's reports, in their order.
    """
    years, number = years_of(facts), facts.period.number
    if number == CLOSE:
        columns = [dict(errors) for year in years for _, errors in sorted(year.errors.items())]
    else:
        columns = [dict(year.at(number)) for year in years]
    return {node.key: sum_up([column.get(node.key) for column in columns]) for node in facts.nodes}


def _own_year(period: Period) -> YearOfForecasts:
    """Return the year of a close, its reports restated to the tree and virements of the close."""
    # Only a close calculates, and so waits for what calculates to be loaded.
    from monitoring.accuracy.restated_errors import restated_errors  # noqa: PLC0415

    return YearOfForecasts(period.year.start, True, restated_errors(period))


def _closed_years(start: int) -> list[YearOfForecasts]:
    """Return the closed years before `start`, the earliest first."""
    closes = Report.objects.filter(
        period__number=CLOSE, period__year__start__range=(start - MOST_YEARS, start - 1)
    )
    latest = {
        report.period.year.start: report
        for report in closes.select_related("period__year").order_by("version")
    }
    found = {}
    for year in range(start - MOST_YEARS, start):
        kept = frozen_of(latest[year]).get("parts", {}).get(SECTION) if year in latest else None
        found[year] = _read_years(kept)[0] if kept else _year_as_published(year)
    return [year for year in found.values() if year.errors]


def _year_as_published(start: int) -> YearOfForecasts:
    """Return a year whose reports are compared as they were published, such as history."""
    figures: dict[int, dict[str, int | None]] = {}
    for number, key, pence in _historic_rows(start):
        figures.setdefault(number, {})[key] = pence
    versions: dict[tuple[int, int], VariancesByKey] = {}
    for number, version, key, pence in _reported_rows(start):
        versions.setdefault((number, version), {})[key] = pence  # type: ignore[index]
    figures |= {number: dict(versions[number, version]) for number, version in sorted(versions)}
    outturn = figures.pop(CLOSE, {})
    errors = {number: errors_of(each, outturn) for number, each in sorted(figures.items())}
    return YearOfForecasts(start, False, {n: each for n, each in errors.items() if each})


@prepared
def _historic_rows(start: int) -> QuerySet[Any, Any]:
    """Return period, row and net variance of the history of a year."""
    history = HistoricFigure.objects.filter(start=start).order_by("number")
    return history.values_list("number", "service_code", "net_variance_pence")


@prepared
def _reported_rows(start: int) -> QuerySet[Any, Any]:
    """Return period, version, row and net variance of the reports of a year."""
    rows = ReportFigure.objects.filter(report__period__year__start=start).order_by()
    return rows.values_list(
        "report__period__number", "report__version", "key", "net_variance_pence"
    )
