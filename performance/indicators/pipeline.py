"""Storing indicators and their values: what the browser and an uploaded file have in common."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.quantities import plain_quantity
from monitoring.models import Period
from monitoring.structure.selectors.calendar import published_message
from performance.indicators.models import Indicator, IndicatorValue
from performance.indicators.selectors.register import indicator_record

FieldValues = Mapping[str, Any]
"""Values of a model's fields by their names."""

NUMBERS = ("actual", "headline_actual", "actual_count", "numerator", "denominator", "previous")
VALUE_FIELDS = (
    *(*NUMBERS, "target", "target_basis", "minimum", "data_date", "data_period", "due"),
    *("direction_of_travel", "status", "status_reason", "commentary"),
)
"""The fields of a value that a person or a file gives."""

_QUANTITIES = {
    *(*NUMBERS, "target", "minimum", "minimum_percent", "target_low", "target_high"),
    *("target_count", "future_target"),
}


def open_period(period: Period) -> Period:
    """Return the period as stored now. Raise `Refused` where it is published.

    Call it inside change_year, which locks the year.
    """
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def put_indicator(
    indicator: Indicator, values: FieldValues, *, by: User | None, **detail: Any
) -> bool:
    """Store a new or changed indicator and return whether anything changed.

    `detail` goes into the audit trail. Call it inside the writing transaction.
    """
    new = indicator.pk is None
    changes = _list_changes(indicator, values)
    if not changes and not new:
        return False
    for name, value in values.items():
        setattr(indicator, name, value)
    indicator.save()
    audit.record(
        by=by,
        action="added an indicator" if new else "changed an indicator",
        on=indicator_record(indicator.year, indicator.reference),
        **changes,
        **detail,
    )
    return True


def remove_indicator(indicator: Indicator, *, by: User | None, **detail: Any) -> None:
    """Remove an indicator without values; the audit trail keeps it."""
    audit.record(
        by=by,
        action="removed an indicator",
        on=indicator_record(indicator.year, indicator.reference),
        measure=indicator.measure,
        **detail,
    )
    indicator.delete()


def put_value(
    *,
    period: Period,
    indicator: Indicator,
    before: IndicatorValue | None,
    values: FieldValues,
    by: User | None,
    **detail: Any,
) -> bool:
    """Store an indicator's value in a period in place of `before`, and return whether it changed.

    A value that stays the same keeps its author. `values` are some of VALUE_FIELDS; `detail` goes
    into the audit trail. Call it inside the writing transaction.
    """
    row = before or IndicatorValue(period=period, indicator=indicator)
    changes = _list_changes(row, values)
    if not changes and before is not None:
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.written_by, row.written_at = by, timezone.now()
    row.save()
    audit.record(
        by=by,
        action="entered the value of an indicator",
        on=indicator_record(period.year, indicator.reference),
        period=period.number,
        **changes,
        **detail,
    )
    return True


def remove_value(value: IndicatorValue, *, by: User | None, **detail: Any) -> None:
    """Remove an indicator's value in a period; the audit trail keeps it."""
    blank = IndicatorValue()
    removed = _list_changes(value, {name: getattr(blank, name) for name in VALUE_FIELDS})
    audit.record(
        by=by,
        action="removed the value of an indicator",
        on=indicator_record(value.period.year, value.indicator.reference),
        period=value.period.number,
        **removed,
        **detail,
    )
    value.delete()


def _list_changes(row: Indicator | IndicatorValue, values: FieldValues) -> dict[str, Any]:
    """Return from and to of each field that changes, as the audit trail keeps them."""
    return {
        name: {
            "from": _plain_value(name, getattr(row, name)),
            "to": _plain_value(name, value),
        }
        for name, value in values.items()
        if getattr(row, name) != value
    }


def _plain_value(name: str, value: object) -> object:
    """Return the value as JSON keeps it: a service's code, a number as people write it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if name in _QUANTITIES and isinstance(value, int):
        return plain_quantity(value)
    return getattr(value, "code", None) or getattr(value, "reference", None) or value
