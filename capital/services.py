"""Writes of the capital programme that concern a whole year."""

from capital.models import (
    CapitalScheme,
    ChangeKind,
    ChangeState,
    FundingSource,
    ProgrammeChange,
)
from capital.report_rows import FundingRow
from capital.roll_forward import REFERENCE_START, CarriedScheme, plan_roll_forward
from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Service
from monitoring.structure.year_changes import change_year


def roll_programme_forward(*, year: FinancialYear, by: User) -> int:
    """Take the programme of the published close before `year` over into it.

    Add the schemes and sources that it does not have yet, without original budgets: the business
    plan gives those. Offer what was not spent as carry forward, which counts once another person
    approves it. A second time nothing changes. Return the number of schemes that were added or
    offered a carry forward. Raise `Refused` where there is no published close.
    """
    with change_year(year.pk, affects_figures=False) as change:
        plan = plan_roll_forward(change.year)
        if plan.refusal:
            raise Refused(plan.refusal)
        services = dict(Service.objects.filter(year=change.year).values_list("code", "pk"))
        taken = [each for each in plan.schemes if each.changes]
        for order, each in enumerate(plan.schemes, start=1):
            if each.is_new:
                _add_scheme(change.year, each, order, services)
        for place, source in enumerate(plan.sources, start=1):
            _add_source(change.year, source, place)
        _offer_unspent(change.year, taken, by)
        change.is_needed = plan.has_changes
        if plan.has_changes:
            audit.record(
                by=by,
                action="took the capital programme over",
                on=f"year {change.year.label}",
                schemes=[each.before.reference for each in taken],
                sources=[each.reference for each in plan.sources],
            )
    return len(taken)


def _add_scheme(
    year: FinancialYear, carried: CarriedScheme, order: int, services: dict[str, int]
) -> None:
    scheme = carried.before
    CapitalScheme.objects.create(
        year=year,
        reference=scheme.reference,
        name=scheme.name,
        programme=scheme.programme,
        service_id=services.get(scheme.home),
        order=order,
        kind=scheme.kind,
        prior_years_pence=carried.prior_years,
        total_budget_pence=scheme.total_budget,
        completion=scheme.completion or scheme.planned_completion,
        purpose=scheme.purpose,
    )


def _add_source(year: FinancialYear, source: FundingRow, order: int) -> None:
    FundingSource.objects.create(
        year=year,
        reference=source.reference,
        name=source.name,
        kind=source.kind,
        order=order,
        grant_reference=source.grant_reference,
        spend_by=source.spend_by or None,
    )


def _offer_unspent(year: FinancialYear, taken: list[CarriedScheme], by: User) -> None:
    """Propose a carry forward of what each scheme did not spend, first reported in month 1."""
    schemes = {each.reference: each for each in CapitalScheme.objects.filter(year=year)}
    ProgrammeChange.objects.bulk_create(
        ProgrammeChange(
            year=year,
            reference=f"{REFERENCE_START}{each.before.reference}"[:64],
            scheme=schemes[each.before.reference],
            period=1,
            kind=ChangeKind.CARRY_FORWARD,
            amount_pence=each.unspent,
            total_amount_pence=0,
            reason="Not spent in the year that closed",
            state=ChangeState.PROPOSED,
            entered_by=by,
        )
        for each in taken
        if each.unspent
    )
