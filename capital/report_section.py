"""The capital section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capital.calculations import with_worked_forecasts
from capital.models import CapitalScheme, FundingPosition, FundingSource, SchemePosition
from capital.report_rows import (
    CapitalSection,
    ChangeRow,
    FundingRow,
    PreviousScheme,
    ReasonRow,
    SchemeRow,
)
from capital.selectors import (
    changes_of,
    funding_of,
    positions_of_funding,
    positions_of_schemes,
    reasons_of,
    schemes_of,
)
from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from council_finance.periods import CLOSE
from monitoring.models import FinancialYear, Period
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree

NAME = "capital"


@registry.report_section(NAME)
def capital_data(period: Period) -> Mapping[str, Any]:
    """Return the period's capital section as plain data, each list read when it is needed.

    Changes and reasons are looked for only where there are schemes.
    """
    section: LazyMapping = LazyMapping(
        {
            "schemes": lambda: [row.to_data() for row in scheme_rows(period)],
            "changes": lambda: (
                [dict(vars(row)) for row in _change_rows(period)] if section["schemes"] else []
            ),
            "reasons": lambda: (
                [dict(vars(row)) for row in _reason_rows(period)] if section["schemes"] else []
            ),
            "funding": lambda: [dict(vars(row)) for row in funding_rows(period)],
        }
    )
    return section


@registry.period_content(NAME)
def has_figures(period: Period) -> bool:
    """Return True where a period has figures of schemes or of funding."""
    return (
        SchemePosition.objects.filter(period=period).exists()
        or FundingPosition.objects.filter(period=period).exists()
    )


def section_of(facts: ReportData) -> CapitalSection:
    """Return the capital section of a report, draft or published."""
    return facts.typed_section(NAME, CapitalSection)


def _grant_funding(facts: ReportData) -> Iterator[registry.GrantFunding]:
    """Yield the sources that name a grant of the register, with what they are to pay."""
    for row in section_of(facts).funding:
        if row.grant_reference:
            yield registry.GrantFunding(row.grant_reference, row.name, row.forecast)


registry.register_grant_funding(_grant_funding)


def scheme_rows(
    period: Period, positions: Mapping[int, SchemePosition] | None = None
) -> tuple[SchemeRow, ...]:
    """Return the lines of the programme with their figures in a period.

    They are those stored, or the positions given by the id of their scheme. A variations budget
    without a forecast has the one that follows from the slippage.
    """
    schemes = schemes_of(period.year)
    if not schemes:
        return ()
    stored = positions_of_schemes(period) if positions is None else positions
    before = _previous_schemes(period)
    homes, above = _places_in_tree(schemes, period.year)
    rows = [
        _build_row(
            scheme,
            stored.get(scheme.pk),
            home=homes[scheme.service_id],
            before=before.get(scheme.reference),
        )
        for scheme in schemes
    ]
    return with_worked_forecasts(
        rows, lambda top, below: top in above.get(below, ()), at_close=period.number == CLOSE
    )


def _places_in_tree(
    schemes: Sequence[CapitalScheme], year: FinancialYear
) -> tuple[dict[int | None, str], dict[str, set[str]]]:
    """Return the row of the tree that each service's schemes belong to today, by service id.

    Return with it the keys of each row and those above it. The whole council is "".
    """
    services = {scheme.service_id for scheme in schemes if scheme.service_id is not None}
    homes: dict[int | None, str] = {None: ""}
    above: dict[str, set[str]] = {}
    if services:
        tree = current_tree(year)
        homes |= {pk: tree.register[tree.home(pk)].code for pk in services}
        for node in tree.nodes:
            above[node.key] = {node.key} | above.get(node.parent_key, set())
    return homes, above


def _build_row(
    scheme: CapitalScheme,
    position: SchemePosition | None,
    *,
    home: str,
    before: SchemeRow | None,
) -> SchemeRow:
    now = position or SchemePosition()
    total = now.total_budget_pence
    return SchemeRow(
        reference=scheme.reference,
        name=scheme.name,
        programme=scheme.programme,
        service=scheme.service.code if scheme.service else "",
        home=home,
        kind=scheme.kind,
        original=scheme.original_budget_pence,
        prior_years=scheme.prior_years_pence,
        planned_completion=scheme.completion,
        purpose=scheme.purpose,
        reported=position is not None,
        budget=now.budget_pence,
        actual=now.actual_to_date_pence,
        forecast=now.forecast_pence,
        total_budget=scheme.total_budget_pence if total is None else total,
        total_forecast=now.total_forecast_pence,
        completion=now.completion,
        commentary=now.commentary,
        previous=_describe_previous(before) if before else None,
    )


def _describe_previous(before: SchemeRow) -> PreviousScheme:
    return PreviousScheme(
        home=before.home,
        budget=before.budget,
        forecast=before.forecast,
        total_budget=before.total_budget,
        total_forecast=before.total_forecast,
        completion=before.completion,
    )


def _previous_schemes(period: Period) -> dict[str, SchemeRow]:
    """Return the schemes of the previous report by reference."""
    report = period.compared_with
    data = frozen_of(report).get("parts", {}).get(NAME) if report else None
    return {row.reference: row for row in CapitalSection(data).schemes}


def _change_rows(period: Period) -> Iterator[ChangeRow]:
    for change in changes_of(period.year, through=period.number):
        yield ChangeRow(
            reference=change.reference,
            scheme=change.scheme.reference,
            period=change.period,
            kind=change.kind,
            amount=change.amount_pence,
            total_amount=change.total_amount_pence,
            approved_by=change.approved_by,
            approved_on=change.approved_on.isoformat() if change.approved_on else "",
            reason=change.reason,
        )


def _reason_rows(period: Period) -> Iterator[ReasonRow]:
    for reason in reasons_of(period):
        yield ReasonRow(
            scheme=reason.scheme.reference,
            project=reason.project,
            kind=reason.kind,
            amount=reason.amount_pence,
            total_amount=reason.total_amount_pence,
            reason=reason.reason,
        )


def funding_rows(
    period: Period, positions: Mapping[int, FundingPosition] | None = None
) -> tuple[FundingRow, ...]:
    """Return the sources with their figures in a period: those stored, or the positions given."""
    sources = funding_of(period.year)
    if not sources:
        return ()
    stored = positions_of_funding(period) if positions is None else positions
    return tuple(
        _build_source(source, stored.get(source.pk), reported=source.pk in stored)
        for source in sources
    )


def _build_source(
    source: FundingSource, position: FundingPosition | None, *, reported: bool
) -> FundingRow:
    now = position or FundingPosition()
    return FundingRow(
        reference=source.reference,
        name=source.name,
        kind=source.kind,
        grant_reference=source.grant_reference,
        original=source.original_pence,
        reported=reported,
        budget=now.budget_pence,
        forecast=now.forecast_pence,
    )
