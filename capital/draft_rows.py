"""The lines, changes, reasons and funding of a period that is not published, as a report's rows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from capital.calculations import with_worked_forecasts
from capital.models import CapitalScheme, FundingPosition, FundingSource, SchemePosition
from capital.published_schemes import previous_schemes
from capital.report_rows import ChangeRow, FundingRow, PreviousScheme, ReasonRow, SchemeRow
from capital.selectors import (
    changes_of,
    funding_of,
    positions_of_funding,
    positions_of_schemes,
    reasons_of,
    schemes_of,
)
from council_finance.periods import CLOSE
from monitoring.models import FinancialYear, Period
from monitoring.structure.selectors.tree import current_tree


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
    places = places_of(schemes, period.year)
    rows = build_rows(schemes, stored, places.homes, previous_schemes(period.compared_with))
    return with_worked_forecasts(rows, places.holds, at_close=period.number == CLOSE)


def build_rows(
    schemes: Iterable[CapitalScheme],
    positions: Mapping[int, SchemePosition],
    homes: Mapping[int | None, str],
    before: Mapping[str, PreviousScheme],
) -> list[SchemeRow]:
    """Return lines of the programme as stored, with the previous report's figures by reference.

    A forecast of a variations budget that was left blank stays blank.
    """
    return [
        _build_row(
            scheme,
            positions.get(scheme.pk),
            home=homes[scheme.service_id],
            before=before.get(scheme.reference),
        )
        for scheme in schemes
    ]


@dataclass(frozen=True)
class Places:
    """Where the schemes of services are in the tree today.

    `homes` is their row by the id of the service, `above` the key of each row with those above it.
    The whole council is "".
    """

    homes: Mapping[int | None, str]
    above: Mapping[str, Set[str]]

    def holds(self, top: str, below: str) -> bool:
        """Return whether a row of the tree is the other one or has it under it."""
        return top in self.above.get(below, ())


def places_of(schemes: Iterable[CapitalScheme], year: FinancialYear) -> Places:
    """Return where these schemes are in the tree today."""
    return places_of_services({scheme.service_id for scheme in schemes}, year)


def places_of_services(services: Set[int | None], year: FinancialYear) -> Places:
    """Return where the schemes of these services are in the tree today."""
    homes: dict[int | None, str] = {None: ""}
    above: dict[str, set[str]] = {}
    if services - {None}:
        tree = current_tree(year)
        homes |= {pk: tree.register[tree.home(pk)].code for pk in services if pk is not None}
        for node in tree.nodes:
            above[node.key] = {node.key} | above.get(node.parent_key, set())
    return Places(homes, above)


def _build_row(
    scheme: CapitalScheme,
    position: SchemePosition | None,
    *,
    home: str,
    before: PreviousScheme | None,
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
        previous=before,
    )


def change_rows(
    period: Period, schemes: Collection[CapitalScheme] | None = None
) -> Iterator[ChangeRow]:
    """Yield the approved changes up to a period: of all schemes, or of these."""
    for change in changes_of(period.year, through=period.number, schemes=schemes):
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


def reason_rows(
    period: Period, schemes: Collection[CapitalScheme] | None = None
) -> Iterator[ReasonRow]:
    """Yield the reasons of a period's variances: of all schemes, or of these."""
    for reason in reasons_of(period, schemes):
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
        spend_by=source.spend_by.isoformat() if source.spend_by else "",
    )
