"""The virements that wait for an approval."""

from dataclasses import dataclass

from django.db.models import QuerySet

from council_finance.one_reading import once_a_reading
from council_finance.prepared import prepared
from monitoring.figures.selectors.inputs import VIREMENTS
from monitoring.structure.models import BudgetLine, FinancialYear, Period
from monitoring.virements.models import Virement


@dataclass(frozen=True)
class PendingVirement:
    """A virement that waits: the pence that all of its legs move, and who entered it (ids).

    `services` are the ids of the services of its budget lines.
    """

    reference: str
    pence: int
    entered_by: frozenset[int]
    services: frozenset[int]


def count_pending_virements(period: Period) -> int:
    """Count the virements up to a period that are not approved or declined yet."""
    return len({leg.reference for leg in _pending_legs(period)})


def pending_virements(period: Period) -> list[PendingVirement]:
    """Return the virements up to a period that are not approved or declined yet, by reference."""
    legs: dict[str, list[Virement]] = {}
    for leg in _pending_legs(period):
        legs.setdefault(leg.reference, []).append(leg)
    if not legs:
        return []
    services = _services_of([leg for each in legs.values() for leg in each])
    return [_sum_legs(legs[reference], services) for reference in sorted(legs)]


def _services_of(legs: list[Virement]) -> dict[int, int]:
    """Return the service (id) of each budget line of these legs by the line's id."""
    lines = {pk for leg in legs for pk in (leg.from_line_id, leg.to_line_id) if pk is not None}
    return dict(BudgetLine.objects.filter(pk__in=lines).values_list("pk", "service"))


def _pending_legs(period: Period) -> list[Virement]:
    return [leg for leg in _pending_legs_of(period.year) if leg.period <= period.number]


@once_a_reading
def _pending_legs_of(year: FinancialYear) -> list[Virement]:
    """Return the legs of a year that are not approved or declined yet."""
    if VIREMENTS.is_known_empty(year):
        return []
    return _undecided_legs(year.pk)


@prepared
def _undecided_legs(year_id: int) -> QuerySet[Virement]:
    legs = Virement.objects.filter(year=year_id, approved_on__isnull=True, declined_on__isnull=True)
    return legs.order_by("period", "reference", "leg")


def _sum_legs(legs: list[Virement], services: dict[int, int]) -> PendingVirement:
    lines = {line for leg in legs for line in (leg.from_line_id, leg.to_line_id)}
    return PendingVirement(
        reference=legs[0].reference,
        pence=sum(leg.amount_pence for leg in legs),
        entered_by=frozenset(leg.entered_by_id for leg in legs if leg.entered_by_id is not None),
        services=frozenset(services[line] for line in lines if line is not None),
    )
