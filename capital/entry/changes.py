"""Services that propose changes of the programme, and approve or reject those of others."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from capital.entry.models import ChangeFunding
from capital.entry.selectors import (
    BudgetChange,
    ChangeEffect,
    change_legs,
    effect_of_change,
    effect_of_legs,
)
from capital.entry.services import CHANGED_MEANWHILE, open_period
from capital.models import (
    CapitalScheme,
    ChangeKind,
    ChangeState,
    FundingPosition,
    FundingSource,
    ProgrammeChange,
    SchemePosition,
)
from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Period, Service
from monitoring.structure.year_changes import change_year

_NIL_IN_TOTAL = (ChangeKind.CARRY_FORWARD, ChangeKind.REPHASING)


@dataclass(frozen=True)
class NewScheme:
    """A scheme that is proposed; `service` is a code, "" for the whole council."""

    reference: str
    name: str
    service: str


@dataclass(frozen=True)
class ProposedChange:
    """A change of the programme as it is proposed; amounts in pence.

    `scheme` and `to_scheme` are references; of a virement the first gives what the second
    receives. `total_amount_pence` is None where it follows from the kind. `source` is the reference
    of what pays for it, or "".
    """

    reference: str
    kind: str
    scheme: str
    amount_pence: int
    total_amount_pence: int | None
    reason: str
    to_scheme: str = ""
    source: str = ""
    new_scheme: NewScheme | None = None

    @property
    def total(self) -> int:
        """Return its effect on the whole scheme, by its kind where it is not given."""
        if self.total_amount_pence is not None:
            return self.total_amount_pence
        return 0 if self.kind in _NIL_IN_TOTAL else self.amount_pence

    @property
    def amounts(self) -> dict[str, BudgetChange]:
        """Return what it adds to the budgets of each scheme, by reference."""
        if self.kind == ChangeKind.VIREMENT:
            return {
                self.scheme: BudgetChange(-self.amount_pence, -self.total),
                self.to_scheme: BudgetChange(self.amount_pence, self.total),
            }
        scheme = self.new_scheme.reference if self.new_scheme else self.scheme
        return {scheme: BudgetChange(self.amount_pence, self.total)}


def preview_change(*, period: Period, proposed: ProposedChange) -> ChangeEffect:
    """Return what a change would do, without storing it. Raise `Refused` where it cannot be."""
    schemes = _find_schemes(period.year, proposed)
    source = _find_source(period.year, proposed)
    funding = {} if source is None else {source: proposed.amount_pence}
    return effect_of_change(
        period, [(schemes[ref], amount) for ref, amount in proposed.amounts.items()], funding
    )


def propose_change(*, period: Period, proposed: ProposedChange, by: User) -> None:
    """Store a change that waits for somebody else's approval; no budget changes before that.

    Raise `Refused` where its reference is taken, it names what there is not, or the period is
    published.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        if ProgrammeChange.objects.filter(year=change.year, reference=proposed.reference).exists():
            raise Refused(f"There is a change {proposed.reference} already. Give another.")
        schemes, source = _find_schemes(change.year, proposed), _find_source(change.year, proposed)
        for scheme in schemes.values():
            if scheme.pk is None:
                scheme.save()
        for reference, amount in proposed.amounts.items():
            leg = ProgrammeChange.objects.create(
                year=change.year,
                reference=proposed.reference,
                scheme=schemes[reference],
                period=period.number,
                kind=proposed.kind,
                amount_pence=amount.this_year,
                total_amount_pence=amount.whole,
                reason=proposed.reason,
                state=ChangeState.PROPOSED,
                entered_by=by,
            )
            if source is not None:
                ChangeFunding.objects.create(
                    change=leg, source=source, amount_pence=proposed.amount_pence
                )
        audit.record(
            by=by,
            action="proposed a change of the programme",
            on=change_record(change.year.label, proposed.reference),
            kind=proposed.kind,
            amounts_pence={ref: each.this_year for ref, each in proposed.amounts.items()},
            total_amounts_pence={ref: each.whole for ref, each in proposed.amounts.items()},
            source=proposed.source,
            reason=proposed.reason,
        )


def change_record(year_label: str, reference: str) -> str:
    """Return the name under which the audit trail keeps a change of the programme."""
    return f"capital change {year_label} {reference}"


def _find_schemes(year: FinancialYear, proposed: ProposedChange) -> dict[str, CapitalScheme]:
    """Return the schemes of a change by reference; a new one is not stored yet."""
    if proposed.new_scheme is not None:
        return {proposed.new_scheme.reference: _make_scheme(year, proposed.new_scheme)}
    found = CapitalScheme.objects.filter(year=year, reference__in=list(proposed.amounts))
    schemes = {scheme.reference: scheme for scheme in found}
    if missing := [reference for reference in proposed.amounts if reference not in schemes]:
        raise Refused(f"There is no scheme {missing[0]} in {year}. Choose one of the list.")
    return schemes


def _make_scheme(year: FinancialYear, new: NewScheme) -> CapitalScheme:
    stored = CapitalScheme.objects.filter(year=year)
    if taken := stored.filter(reference=new.reference).first():
        raise Refused(f"{new.reference} is the reference of {taken.name} already. Give another.")
    service = Service.objects.filter(year=year, code=new.service).first()
    if new.service and service is None:
        raise Refused(f"There is no service {new.service} in {year}. Choose one of the list.")
    order = (stored.aggregate(Max("order"))["order__max"] or 0) + 1
    return CapitalScheme(
        year=year, reference=new.reference, name=new.name, service=service, order=order
    )


def _find_source(year: FinancialYear, proposed: ProposedChange) -> FundingSource | None:
    if not proposed.source:
        return None
    source = FundingSource.objects.filter(year=year, reference=proposed.source).first()
    if source is None:
        raise Refused(f"There is no source {proposed.source} in {year}. Choose one of the list.")
    return source


def approve_change(
    *, period: Period, reference: str, seen: str, by: User, today: datetime.date
) -> None:
    """Approve a change that waits: the budgets of its schemes and its source change at once.

    `seen` is the digest of the effect that the person saw. Raise `Refused` where they entered it
    themselves, the period is published, or the budgets have changed since they looked.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period, legs = _legs_to_decide(change.year, reference, by)
        effect = effect_of_legs(period, legs)
        if effect.digest != seen:
            raise Refused(CHANGED_MEANWHILE.replace("typing", "reading"))
        for each in effect.schemes:
            SchemePosition.objects.update_or_create(
                period=period,
                scheme=each.scheme,
                defaults={
                    "budget_pence": each.after.this_year,
                    "total_budget_pence": each.after.whole,
                },
            )
        for paid in effect.funding:
            FundingPosition.objects.update_or_create(
                period=period, source=paid.source, defaults={"budget_pence": paid.after}
            )
        _decide_legs(legs, ChangeState.APPROVED, by, approved_by=by.name, approved_on=today)
        _record_decision(change.year, legs, "approved a change of the programme", by)


def reject_change(*, period: Period, reference: str, reason: str, by: User) -> None:
    """Reject a change that waits, with a reason; nothing else changes.

    A scheme that was proposed with it goes again. Raise `Refused` as approving does.
    """
    if not reason.strip():
        raise Refused("Say why the change is rejected.")
    with change_year(period.year_id, affects_figures=False) as change:
        _, legs = _legs_to_decide(change.year, reference, by)
        _record_decision(
            change.year, legs, "rejected a change of the programme", by, reason=reason.strip()
        )
        if legs[0].kind == ChangeKind.NEW_SCHEME and legs[0].scheme.original_budget_pence is None:
            _remove_new_scheme(legs[0])
        else:
            _decide_legs(legs, ChangeState.REJECTED, by)


def _remove_new_scheme(leg: ProgrammeChange) -> None:
    scheme = leg.scheme
    ChangeFunding.objects.filter(change=leg).delete()
    leg.delete()
    has_more = scheme.changes.exists() or scheme.positions.exists()
    if not has_more and not scheme.forecast_parts.exists() and not scheme.reasons.exists():
        scheme.delete()


def _legs_to_decide(
    year: FinancialYear, reference: str, by: User
) -> tuple[Period, list[ProgrammeChange]]:
    """Return the open period of a change that waits, and its legs."""
    legs = [leg for leg in change_legs(year, reference) if leg.state == ChangeState.PROPOSED]
    if not legs:
        raise Refused(f"No change {reference} waits for approval; somebody may have decided it.")
    if any(leg.entered_by_id == by.pk for leg in legs):
        raise Refused("You entered this change: somebody else decides it.")
    return open_period(Period.objects.get(year=year, number=legs[0].period)), legs


def _decide_legs(legs: Sequence[ProgrammeChange], state: str, by: User, **more: Any) -> None:
    for leg in legs:
        leg.state, leg.decided_by = state, by
        for name, value in more.items():
            setattr(leg, name, value)
        leg.save()


def _record_decision(
    year: FinancialYear, legs: Sequence[ProgrammeChange], action: str, by: User, **detail: Any
) -> None:
    amounts = {leg.scheme.reference: leg.amount_pence for leg in legs}
    record = change_record(year.label, legs[0].reference)
    audit.record(by=by, action=action, on=record, amounts_pence=amounts, **detail)
