"""The programme and its funding as they are stored for a year."""

from collections.abc import Collection, Iterable

from capital.models import (
    CapitalScheme,
    ChangeState,
    FundingPosition,
    FundingSource,
    ProgrammeChange,
    SchemePosition,
    VarianceReason,
)
from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear, Period

SCHEMES = TableOfYears(CapitalScheme)


def schemes_of(year: FinancialYear, *, kind: str = "") -> list[CapitalScheme]:
    """Return the year's schemes, or those of one kind, in the order of their file."""
    if SCHEMES.is_known_empty(year):
        return []
    found = CapitalScheme.objects.filter(year=year).select_related("service").order_by()
    if kind:
        found = found.filter(kind=kind)
    return sorted(found, key=lambda scheme: (scheme.order, scheme.reference))


def positions_of_schemes(
    period: Period, schemes: Collection[CapitalScheme] | None = None
) -> dict[int, SchemePosition]:
    """Return the positions of a period, or those of these schemes, by the id of their scheme."""
    found = SchemePosition.objects.filter(period=period)
    if schemes is not None:
        found = found.filter(scheme__in=schemes)
    return {row.scheme_id: row for row in found}


def changes_of(
    year: FinancialYear,
    *,
    through: int,
    state: str = ChangeState.APPROVED,
    schemes: Collection[CapitalScheme] | None = None,
) -> list[ProgrammeChange]:
    """Return the changes of one state up to a period: of all schemes, or of these."""
    found = ProgrammeChange.objects.filter(year=year, period__lte=through, state=state)
    if schemes is not None:
        found = found.filter(scheme__in=schemes)
    rows = found.select_related("scheme").order_by()
    return sorted(rows, key=lambda row: (row.period, row.scheme.order, row.reference, row.pk))


def reasons_of(
    period: Period, schemes: Collection[CapitalScheme] | None = None
) -> list[VarianceReason]:
    """Return the reasons of a period's variances, or of these schemes', in their file's order."""
    found = VarianceReason.objects.filter(period=period).select_related("scheme").order_by()
    if schemes is not None:
        found = found.filter(scheme__in=schemes)
    return sorted(
        found, key=lambda row: (row.scheme.order, row.scheme.reference, row.order, row.pk)
    )


def funding_of(year: FinancialYear) -> list[FundingSource]:
    """Return the year's sources in the order of their file."""
    found = FundingSource.objects.filter(year=year)
    return sorted(found, key=lambda source: (source.order, source.reference))


def positions_of_funding(period: Period) -> dict[int, FundingPosition]:
    """Return the positions of a period by the id of their source."""
    return {row.source_id: row for row in FundingPosition.objects.filter(period=period)}


def scheme_names(schemes: Iterable[CapitalScheme]) -> dict[str, str]:
    """Return the names of schemes by their references."""
    return {scheme.reference: scheme.name for scheme in schemes}


def source_record(year_label: str, reference: str) -> str:
    """Return the name under which the audit trail keeps a source of a year's funding."""
    return f"capital funding {year_label} {reference}"


def scheme_record(year_label: str, reference: str) -> str:
    """Return the name under which the audit trail keeps a scheme of a year."""
    return f"capital scheme {year_label} {reference}"
