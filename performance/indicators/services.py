"""Services of indicators: every write, one atomic function for each thing that a person does."""

import hashlib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models.base import ModelState

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Period, Service
from monitoring.people.rights import Reach
from monitoring.structure.year_changes import change_year
from performance.indicators.models import Indicator, IndicatorValue
from performance.indicators.pipeline import VALUE_FIELDS, open_period, put_value
from performance.indicators.rights import may_maintain
from performance.indicators.selectors.register import register, values_in


@dataclass(frozen=True)
class ValueChange:
    """A value that a person entered: the indicator's id, and some VALUE_FIELDS.

    `seen` is the version of the stored value that the person saw.
    """

    indicator: int
    seen: str
    values: Mapping[str, Any] = field(default_factory=dict)


class ValuesFaulty(Refused):
    """Raised where entries cannot be stored; nothing was. `faults` are messages by indicator id."""

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults = faults
        super().__init__("Nothing was saved yet: some entries cannot be right. They are marked.")


def value_version(value: IndicatorValue | None) -> str:
    """Return a digest of a stored value, by which saving notices that others changed it."""
    if value is None:
        return "none"
    text = "\x00".join(f"{name}={getattr(value, name)}" for name in VALUE_FIELDS)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save_values(
    *, period: Period, changes: Sequence[ValueChange], within: Reach, by: User | None
) -> int:
    """Store the values entered for a period, all or none, and return how many changed.

    `within` are the services that the person maintains. Raise `ValuesFaulty` or `Refused`; nothing
    is stored then.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        known = {each.pk: each for each in register(period.year) if may_maintain(within, each)}
        stored = values_in(period)
        _refuse_faulty(changes, known, stored)
        changed = sum(
            put_value(
                period=period,
                indicator=known[each.indicator],
                before=stored.get(each.indicator),
                values=each.values,
                by=by,
            )
            for each in changes
            if each.indicator in stored or _has_content(each)
        )
        change.is_needed = changed > 0
    return changed


def _has_content(change: ValueChange) -> bool:
    return any(value not in (None, "") for value in change.values.values())


def _refuse_faulty(
    changes: Sequence[ValueChange],
    known: Mapping[int, Indicator],
    stored: Mapping[int, IndicatorValue],
) -> None:
    faults = {}
    for each in changes:
        if each.indicator not in known:
            raise Refused("One of these indicators is not yours to enter. Nothing was saved.")
        if value_version(stored.get(each.indicator)) != each.seen:
            faults[each.indicator] = (
                "a colleague or a file changed this meanwhile; look at it, and save again"
            )
    if faults:
        raise ValuesFaulty(faults)


def carry_indicators(*, year: FinancialYear, by: User | None) -> int:
    """Copy the indicators of the year before, with their targets, and return how many.

    Those whose service the year does not have are copied without one. Raise `Refused` where the
    year has indicators already, or the year before has none.
    """
    with change_year(year.pk, affects_figures=False) as change:
        if Indicator.objects.filter(year=year).exists():
            raise Refused(f"{year} has indicators already. Upload a file to change them.")
        before = FinancialYear.objects.filter(start=year.start - 1).first()
        found = register(before) if before else []
        if not found:
            change.is_needed = False
            raise Refused(f"The year before {year} has no indicators to copy.")
        copied = copy_indicators(found, year)
        audit.record(by=by, action="copied indicators", on=f"year {year.label}", indicators=copied)
    return copied


def copy_indicators(indicators: Sequence[Indicator], year: FinancialYear) -> int:
    """Store copies of indicators in another year, with their targets, and return how many.

    Those whose service the year does not have are copied without one. Call it inside the writing
    transaction, for a year without indicators.
    """
    services = {each.code: each for each in Service.objects.filter(year=year)}
    copies = {each.pk: _copy_indicator(each, year, services) for each in indicators}
    for each in indicators:
        if each.parent_id in copies:
            copies[each.pk].parent = copies[each.parent_id]
            copies[each.pk].save(update_fields=["parent"])
    return len(copies)


def _copy_indicator(
    indicator: Indicator, year: FinancialYear, services: Mapping[str, Service]
) -> Indicator:
    """Store and return a copy of an indicator in another year, without what it is a part of."""
    copied = copy(indicator)
    copied.pk, copied.year, copied.parent = None, year, None
    copied.service = services.get(indicator.service.code) if indicator.service else None
    copied._state = ModelState()
    copied.save()
    return copied
