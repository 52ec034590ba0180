"""The year's register of savings, and what was entered for them in a period."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import FilteredRelation, Model, Q, QuerySet

from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.models import FinancialYear, Period
from savings.models import Replacement, Saving, SavingPosition

_SAVINGS = TableOfYears(Saving)


def saving_record(year: FinancialYear, reference: str) -> str:
    """Return the name under which the audit trail keeps a saving."""
    return f"saving {year.label} {reference}"


def register(year: FinancialYear) -> list[Saving]:
    """Return every saving of the year in register order, replaced ones too."""
    if _SAVINGS.is_known_empty(year):
        return []
    return _sort_by_order(_with_replacements(Saving.objects.filter(year=year)))


def _with_replacements(savings: QuerySet[Saving]) -> QuerySet[Saving]:
    return savings.select_related("service", "year", "replacement__replacing")


def _sort_by_order(savings: Iterable[Saving]) -> list[Saving]:
    return sorted(savings, key=lambda saving: (saving.order, saving.reference))


def register_with_positions(period: Period) -> list[tuple[Saving, SavingPosition | None]]:
    """Return every saving of the year with its position in a period; None where it has none."""
    if _SAVINGS.is_known_empty(period.year):
        return []
    found = _sort_by_order(_savings_with_positions(period.year_id, period.pk))
    # Django sets the attribute only where there is a row.
    return [(saving, getattr(saving, "now", None)) for saving in found]


@prepared
def _savings_with_positions(year_id: int, period_id: int) -> QuerySet[Saving, Any]:
    """Return the savings of a year, each with its position in a period as `now`.

    Tables that a report does not name are not joined: PostgreSQL plans each join anew.
    """
    of_period = FilteredRelation("positions", condition=Q(positions__period=period_id))
    rows = Saving.objects.filter(year=year_id).annotate(now=of_period)
    # django-stubs does not know the relation that FilteredRelation adds.
    return rows.select_related("service", "replacement", "now__override_by")  # type: ignore[misc]


def replacements(savings: Iterable[Saving]) -> dict[int, Replacement]:
    """Return the replacements of these savings by the id of the replaced one."""
    found = [saving.replacement for saving in savings if hasattr(saving, "replacement")]
    return {each.replaced_id: each for each in sorted(found, key=lambda each: each.pk)}


def counts_in(saving: Saving, number: int) -> bool:
    """Return whether a saving counts in a period: it has begun and is not replaced yet."""
    if saving.first_period > number:
        return False
    return not hasattr(saving, "replacement") or number < saving.replacement.from_period


def counting(savings: Iterable[Saving], number: int) -> list[Saving]:
    """Return the savings that count in a period."""
    return [saving for saving in savings if counts_in(saving, number)]


def positions(period: Period) -> dict[int, SavingPosition]:
    """Return the positions of a period by the id of their saving."""
    rows = SavingPosition.objects.filter(period=period)
    return {row.saving_id: row for row in rows.select_related("override_by", "written_by")}


def last_positions(period: Period, savings: Iterable[int]) -> list[SavingPosition]:
    """Return the latest position before this period of each of the savings (ids) that has one."""
    savings = list(savings)
    earlier = SavingPosition.objects.filter(saving__in=savings, period__number__lt=period.number)
    rows = earlier.select_related("period").order_by("period__number")
    last = {row.saving_id: row for row in rows}
    return [last[pk] for pk in savings if pk in last]


def find_saving(year: FinancialYear, reference: str) -> Saving | None:
    """Return the saving of that reference."""
    rows = Saving.objects.select_related("service", "year")
    return rows.filter(year=year, reference=reference).first()


def saving_version(saving: Saving) -> str:
    """Return a digest of a saving's fields, by which a form notices that somebody changed it."""
    return _digest_fields(saving, _SAVING_COLUMNS)


def position_version(position: SavingPosition | None) -> str:
    """Return the same digest of a position; "" where there is none."""
    return "" if position is None else _digest_fields(position, _POSITION_COLUMNS)


def _list_columns(model: type[Model], without: Collection[str]) -> tuple[str, ...]:
    names = (field.attname for field in model._meta.concrete_fields)
    return tuple(name for name in names if name not in without)


_SAVING_COLUMNS = _list_columns(Saving, ("order",))
_POSITION_COLUMNS = _list_columns(SavingPosition, ("written_at", "written_by_id", "override_by_id"))


def _digest_fields(row: Model, names: Sequence[str]) -> str:
    values = [getattr(row, name) for name in names]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
