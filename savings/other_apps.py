"""The register of savings for other apps: what they read of it, and the rows that they write."""

from collections.abc import Sequence
from typing import Any

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from council_finance.registry import RegisteredSaving
from monitoring.models import FinancialYear, Service
from savings.models import Saving, SavingPosition
from savings.pipeline import put_saving
from savings.rules import agreed_fault
from savings.selectors.register import counting, register


def read_register(year: FinancialYear) -> list[RegisteredSaving]:
    """Return the savings that count at the end of a year, with their latest reported position."""
    positions = SavingPosition.objects.filter(saving__year=year).select_related("period")
    latest = {each.saving_id: each for each in positions.order_by("period__number")}
    return [_to_registered(saving, latest.get(saving.pk)) for saving in _counting_savings(year)]


def read_at_close(year: FinancialYear) -> list[RegisteredSaving]:
    """Return the savings that count at the close with their position there; [] without any."""
    positions = SavingPosition.objects.filter(saving__year=year, period__number=CLOSE)
    closing = {each.saving_id: each for each in positions}
    if not closing:
        return []
    return [_to_registered(saving, closing.get(saving.pk)) for saving in _counting_savings(year)]


def _counting_savings(year: FinancialYear) -> list[Saving]:
    return counting(register(year), CLOSE)


def _to_registered(saving: Saving, position: SavingPosition | None) -> RegisteredSaving:
    delivered = None
    if position is not None:
        # At the close the forecast is the outturn; what was delivered to date may lag behind it.
        forecast, to_date = position.forecast_saving_pence, position.delivered_to_date_pence
        delivered = to_date if forecast is None else forecast
    started = position is not None and bool(
        position.delivered_to_date_pence or position.forecast_saving_pence
    )
    return RegisteredSaving(
        reference=saving.reference,
        title=saving.title,
        service=saving.service.code,
        agreed=saving.agreed_saving_pence,
        decision=saving.decision,
        category=saving.category,
        recurrence=saving.recurrence,
        plan_reference=saving.plan_reference,
        brought_forward_from=saving.brought_forward_from,
        delivered=delivered,
        is_started=started,
    )


def write_register(
    year: FinancialYear,
    rows: Sequence[RegisteredSaving],
    *,
    by: User | None,
    **detail: Any,
) -> list[str]:
    """Add rows to the register, inside the caller's transaction.

    Return a sentence for each that is there already with another amount: it stays. Raise `Refused`
    where a service is not known or an amount is not that of a saving.
    """
    known = {saving.reference: saving for saving in register(year)}
    services = {service.code: service for service in Service.objects.filter(year=year)}
    _refuse_faults(rows, services, year)
    order = max((saving.order for saving in known.values()), default=0)
    differences = []
    for row in rows:
        if (there := known.get(row.reference)) is not None:
            if there.agreed_saving_pence != row.agreed:
                differences.append(_describe_difference(row, there.agreed_saving_pence))
            continue
        order += 1
        saving = Saving(year=year, reference=row.reference, order=order)
        put_saving(saving, _values_of(row, services[row.service]), by=by, **detail)
    return differences


def _refuse_faults(
    rows: Sequence[RegisteredSaving], services: dict[str, Service], year: FinancialYear
) -> None:
    faults = [
        f"{row.reference}: there is no service {row.service} in {year.label}."
        for row in rows
        if row.service not in services
    ]
    faults += [f"{row.reference}: {fault}." for row in rows if (fault := agreed_fault(row.agreed))]
    if faults:
        raise Refused(*faults)


def _describe_difference(row: RegisteredSaving, there: int) -> str:
    return (
        f"{row.reference} is in the register with {plain_pounds(there)} and stays so; "
        f"{plain_pounds(row.agreed)} was to be written."
    )


def _values_of(row: RegisteredSaving, service: Service) -> dict[str, Any]:
    return {
        "title": row.title,
        "service": service,
        "decision": row.decision,
        "category": row.category,
        "agreed_saving_pence": row.agreed,
        "recurrence": row.recurrence,
        "plan_reference": row.plan_reference,
        "brought_forward_from": row.brought_forward_from,
    }


registry.register_savings_register(
    registry.SavingsRegister(read=read_register, at_close=read_at_close, write=write_register)
)
