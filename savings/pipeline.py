"""Storing savings and positions: what the browser and an uploaded file have in common."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import Period
from monitoring.structure.selectors.calendar import published_message
from savings.models import Saving, SavingPosition
from savings.selectors.register import saving_record

FieldValues = Mapping[str, Any]
"""Values of a model's fields by their names."""

FIGURES = (
    *("forecast_saving_pence", "delivered_to_date_pence"),
    *("phasing_q1_pence", "phasing_q2_pence", "phasing_q3_pence", "phasing_q4_pence"),
)
POSITION_FIELDS = (
    *("declared_status", "status_override", "override_reason", *FIGURES),
    *("direction_of_travel", "commentary"),
)
"""The fields of a position that a person or a file gives."""

CARRIED_FIELDS = ("declared_status", "status_override", "override_reason", *FIGURES)
"""The fields of a position that may be carried forward to the next month."""


def open_period(period: Period) -> Period:
    """Return the period as stored now. Raise `Refused` where it is published.

    Call it inside change_year, which locks the year.
    """
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def put_saving(saving: Saving, values: FieldValues, *, by: User | None, **detail: Any) -> bool:
    """Store a new or changed saving and return whether anything changed.

    `values` are those of its fields that were given; `detail` goes into the audit trail. Call it
    inside the writing transaction.
    """
    new = saving.pk is None
    changes = _list_changes(saving, values)
    if not changes and not new:
        return False
    for name, value in values.items():
        setattr(saving, name, value)
    saving.save()
    audit.record(
        by=by,
        action="added a saving" if new else "changed a saving",
        on=saving_record(saving.year, saving.reference),
        **changes,
        **detail,
    )
    return True


def remove_saving(saving: Saving, *, by: User | None, **detail: Any) -> None:
    """Remove a saving without positions from the register; the audit trail keeps it."""
    audit.record(
        by=by,
        action="removed a saving",
        on=saving_record(saving.year, saving.reference),
        title=saving.title,
        agreed_saving_pence=saving.agreed_saving_pence,
        **detail,
    )
    saving.delete()


def put_position(
    *,
    period: Period,
    saving: Saving,
    before: SavingPosition | None,
    values: FieldValues,
    by: User | None,
    **detail: Any,
) -> bool:
    """Store a saving's position in a period in place of `before`, and return whether it changed.

    A position that stays the same keeps its author. `values` are some of POSITION_FIELDS; `detail`
    goes into the audit trail. Call it inside the writing transaction.
    """
    position = before or SavingPosition(period=period, saving=saving)
    changes = _list_changes(position, values)
    if not changes and before is not None:
        return False
    overridden = "status_override" in changes or "override_reason" in changes
    for name, value in values.items():
        setattr(position, name, value)
    if overridden:
        position.override_by = by if position.status_override else None
    position.written_by, position.written_at = by, timezone.now()
    position.save()
    audit.record(
        by=by,
        action="entered what becomes of a saving",
        on=saving_record(period.year, saving.reference),
        period=period.number,
        **changes,
        **detail,
    )
    return True


def remove_position(position: SavingPosition, *, by: User | None, **detail: Any) -> None:
    """Remove a saving's position in a period; the audit trail keeps it."""
    blank = SavingPosition()
    removed = _list_changes(position, {name: getattr(blank, name) for name in POSITION_FIELDS})
    audit.record(
        by=by,
        action="took back what becomes of a saving",
        on=saving_record(position.period.year, position.saving.reference),
        period=position.period.number,
        **removed,
        **detail,
    )
    position.delete()


def _list_changes(row: Saving | SavingPosition, values: FieldValues) -> dict[str, Any]:
    """Return from and to of each field that changes, as the audit trail keeps them."""
    changes = {}
    for name, value in values.items():
        # A new saving has no service yet, and reading one would raise.
        unset = name == "service" and isinstance(row, Saving) and not row.service_id
        before = None if unset else getattr(row, name)
        if before != value:
            changes[name] = {"from": _plain_value(before), "to": _plain_value(value)}
    return changes


def _plain_value(value: object) -> object:
    """Return the value as JSON keeps it: of a service its code."""
    return getattr(value, "code", value)
