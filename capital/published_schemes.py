"""The programme of published reports row by row: kept on publishing, read over many reports."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from capital.models import CapitalScheme, PublishedRephasing, PublishedScheme, SchemeKind
from capital.programme_section import ProgrammeSection
from capital.report_rows import REPHASING, PreviousScheme, ReasonRow, SchemeRow
from council_finance.periods import CLOSE
from monitoring.models import FinancialYear, Period, Report

_COLUMNS = {
    **{name: name for name in ("reference", "name", "programme", "service", "home", "kind")},
    **{name: name for name in ("planned_completion", "purpose", "completion", "commentary")},
    **{name: f"{name}_pence" for name in ("budget", "forecast", "total_budget", "total_forecast")},
    "original": "original_budget_pence",
    "prior_years": "prior_years_pence",
    "actual": "actual_to_date_pence",
    "reported": "is_reported",
}
"""The column of each field of `SchemeRow` but `previous`."""

_BEFORE = ("home", "budget", "forecast", "total_budget", "total_forecast", "completion")
"""The fields of `PreviousScheme` in their order."""


# From the published rows to the schemes by their numbers: by references, or from the schemes, takes
# more than twice as long. Only a scheme that was removed since, and may have come back, is sought
# by its reference.
_VARIANCES = f"""
    SELECT service_id, SUM(pence) FROM (
        SELECT scheme.service_id, before.forecast_pence - before.budget_pence AS pence
        FROM {PublishedScheme._meta.db_table} before
        CROSS JOIN {CapitalScheme._meta.db_table} scheme
        WHERE before.report_id = %s AND scheme.year_id = %s AND scheme.kind <> %s
            AND scheme.id = before.scheme_id
        UNION ALL
        SELECT scheme.service_id, before.forecast_pence - before.budget_pence
        FROM {PublishedScheme._meta.db_table} before
        CROSS JOIN {CapitalScheme._meta.db_table} scheme
        WHERE before.report_id = %s AND scheme.year_id = %s AND scheme.kind <> %s
            AND before.scheme_id IS NULL AND scheme.reference = before.reference
    ) AS variances
    GROUP BY service_id
"""


@dataclass(frozen=True)
class ReportedScheme:
    """A scheme in a version of a published report of a period, which is given by its id.

    Its line is without that of the report before.
    """

    period: int
    version: int
    line: SchemeRow
    reasons: tuple[ReasonRow, ...]


def keep_programme(report: Report, data: Mapping[str, Any]) -> None:
    """Store the lines of the programme of a report that is being published, and its rephasing."""
    section = ProgrammeSection(data)
    reasons = section.reasons_by_scheme
    schemes = CapitalScheme.objects.filter(year=report.period.year_id).order_by()
    stored = dict(schemes.values_list("reference", "pk"))
    PublishedScheme.objects.bulk_create(
        PublishedScheme(
            report=report,
            scheme_id=stored.get(line.reference),
            reasons=[asdict(each) for each in reasons.get(line.reference, ())],
            **{column: getattr(line, name) for name, column in _COLUMNS.items()},
        )
        for line in section.schemes
    )
    if (row := _add_rephasing(report, section)) is not None:
        row.save()


def _add_rephasing(report: Report, section: ProgrammeSection) -> PublishedRephasing | None:
    totals = section.totals
    figures = totals.figures_of_schemes
    if figures.budget is None:
        return None
    in_year = sum(
        group.way.by_kind.get(REPHASING, 0) for group in totals.groups if not group.is_variations
    )
    return PublishedRephasing(
        report=report,
        budget_pence=figures.budget - in_year,
        in_year_pence=in_year,
        at_close_pence=figures.rephasing,
    )


def scheme_in_reports(reference: str, *, until: FinancialYear) -> Iterator[ReportedScheme]:
    """Yield a scheme in the latest version of each report of a year and those before."""
    latest = _latest_reports(period__year__start__lte=until.start)
    for row in PublishedScheme.objects.filter(reference=reference, report__in=list(latest)):
        yield ReportedScheme(*latest[row.report_id], _line_of(row), _reasons_of(row))


def rephasing_of_closes(*, before: int) -> dict[int, PublishedRephasing]:
    """Return what published closes of earlier years rephased, by the year's first calendar year.

    They are in order of the years; `before` is the first calendar year of this one.
    """
    closes = _latest_reports(period__number=CLOSE, period__year__start__lt=before)
    periods = Period.objects.filter(pk__in=[period for period, _ in closes.values()])
    starts = dict(periods.values_list("pk", "year__start"))
    rows = PublishedRephasing.objects.filter(report__in=list(closes))
    found = {starts[closes[row.report_id][0]]: row for row in rows}
    return dict(sorted(found.items()))


def _latest_reports(**limits: int) -> dict[int, tuple[int, int]]:
    """Return period and version of the latest version of reports, by the id of the report.

    No other column is read, as an index has these: SQLite reads past the large frozen data of a
    report for those that come after it.
    """
    rows = Report.objects.filter(**limits).order_by("period", "version")
    latest = {
        period: (pk, version) for period, version, pk in rows.values_list("period", "version", "pk")
    }
    return {pk: (period, version) for period, (pk, version) in latest.items()}


def _line_of(row: PublishedScheme) -> SchemeRow:
    fields = {name: getattr(row, column) for name, column in _COLUMNS.items()}
    return SchemeRow(**fields, previous=None)


def _reasons_of(row: PublishedScheme) -> tuple[ReasonRow, ...]:
    return tuple(ReasonRow(**each) for each in row.reasons)


def previous_schemes(
    report: Report | None, references: Collection[str] | None = None
) -> dict[str, PreviousScheme]:
    """Return the lines of a published report, or those of these references, by reference.

    Empty without a report.
    """
    if report is None:
        return {}
    rows = PublishedScheme.objects.filter(report=report)
    if references is not None:
        rows = rows.filter(reference__in=references)
    columns = [_COLUMNS[name] for name in _BEFORE]
    found = rows.order_by().values_list("reference", *columns)
    return {reference: PreviousScheme(*values) for reference, *values in found}


def previous_variances(report: Report | None, year: FinancialYear) -> dict[int | None, int]:
    """Return a published report's variance of the schemes that each service has today, in pence.

    Without variations budgets; by the id of the service, None for the whole council.
    """
    if report is None:
        return {}
    limits: list[int | str] = [report.pk, year.pk, SchemeKind.VARIATIONS.value]
    with connection.cursor() as cursor:
        cursor.execute(_VARIANCES, [*limits, *limits])
        rows = cursor.fetchall()
    return {service: int(pence) for service, pence in rows if pence is not None}
