"""The year's register of savings, and what stands for them in a period."""

import hashlib
import json
from collections.abc import Iterable

from django.db.models import FilteredRelation, Q, QuerySet

from monitoring.models import FinancialYear, Period
from savings.models import Replacement, Saving, SavingPosition


def saving_record(year: FinancialYear, reference: str) -> str:
    """What the audit trail calls a saving."""
    return f"saving {year.label} {reference}"


def register(year: FinancialYear) -> list[Saving]:
    """Every saving of the year, replaced ones too, in its order, with what replaced it."""
    return _in_order(_with_replacements(Saving.objects.filter(year=year)))


def _with_replacements(savings: QuerySet[Saving]) -> QuerySet[Saving]:
    return savings.select_related("service", "year", "replacement__replacing")


def _in_order(savings: Iterable[Saving]) -> list[Saving]:
    return sorted(savings, key=lambda saving: (saving.order, saving.reference))


def standing(period: Period) -> list[Saving]:
    """The register with what stands for each saving in a period as `now`; None is nothing."""
    of_period = FilteredRelation("positions", condition=Q(positions__period=period))
    rows = _with_replacements(Saving.objects.filter(year=period.year)).annotate(now=of_period)
    found = _in_order(rows.select_related("now__override_by", "now__written_by"))
    for saving in found:
        saving.now = getattr(saving, "now", None)  # Django sets it only where there is a row
    return found


def replacements(savings: Iterable[Saving]) -> dict[int, Replacement]:
    """What replaced these savings, by the id of the replaced one."""
    found = [saving.replacement for saving in savings if hasattr(saving, "replacement")]
    return {each.replaced_id: each for each in sorted(found, key=lambda each: each.pk)}


def counting(savings: Iterable[Saving], number: int) -> list[Saving]:
    """The savings that count in a period: begun, and not replaced yet."""
    return [
        saving
        for saving in savings
        if saving.first_period <= number
        and (not hasattr(saving, "replacement") or number < saving.replacement.from_period)
    ]


def positions(period: Period) -> dict[int, SavingPosition]:
    """What stands for savings in a period, by the saving's id."""
    rows = SavingPosition.objects.filter(period=period)
    return {row.saving_id: row for row in rows.select_related("override_by", "written_by")}


def last_positions(period: Period, savings: Iterable[int]) -> list[SavingPosition]:
    """What stood for savings (ids) in the latest period before this one that said anything."""
    savings = list(savings)
    earlier = SavingPosition.objects.filter(saving__in=savings, period__number__lt=period.number)
    rows = earlier.select_related("period").order_by("period__number")
    last = {row.saving_id: row for row in rows}
    return [last[pk] for pk in savings if pk in last]


def find_saving(year: FinancialYear, reference: str) -> Saving | None:
    """The saving of that reference."""
    rows = Saving.objects.select_related("service", "year")
    return rows.filter(year=year, reference=reference).first()


def saving_version(saving: Saving) -> str:
    """Tells what is said of a saving from anything else that was, as a form sends it back."""
    return _version([getattr(saving, name) for name in _SAVING_COLUMNS])


def position_version(position: SavingPosition | None) -> str:
    """The same of a saving in a period; nothing where nothing was said."""
    if position is None:
        return ""
    return _version([getattr(position, name) for name in _POSITION_COLUMNS])


def _columns(model, without: tuple[str, ...]) -> tuple[str, ...]:
    names = (field.attname for field in model._meta.concrete_fields)
    return tuple(name for name in names if name not in without)


_SAVING_COLUMNS = _columns(Saving, ("order",))
_POSITION_COLUMNS = _columns(SavingPosition, ("written_at", "written_by_id", "override_by_id"))


def _version(values: list) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
