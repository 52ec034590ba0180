"""Changes of a financial year: one at a time, counted, and followed by its figures.

`change_year` is the way to change anything that a year's reports show. Two jobs use the functions
below it instead: an upload writes its rows before it locks the year, and a typed forecast brings
its own figures up to date.

An archived year is read only: `refuse_archived` refuses every change of it before a file is taken;
`lock_year` and typed forecasts refuse it with the same words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, F, PositiveBigIntegerField, Q, Sum, When

from council_finance import registry
from council_finance.errors import Refused
from monitoring.structure.models import FinancialYear, Period, PeriodState

TRIES = 5
"""So often work is done again that others overtook, before it locks the year first."""

_postponed: ContextVar[dict[int, FinancialYear] | None] = ContextVar("postponed", default=None)


class StaleRevision(Exception):
    """Raised where the year has changed since it was read; do the work again."""


@dataclass
class YearChange:
    """A change in progress.

    `year` is locked, and its revision is the one that this change makes. Set `is_needed` to False
    before leaving the block where it turns out that there is nothing to change.
    """

    year: FinancialYear
    is_needed: bool = True


@contextmanager
def change_year(
    year_id: int, *, affects_figures: bool, revision: int | None = None
) -> Iterator[YearChange]:
    """Lock a year for one change, which is stored as a whole or not at all.

    When the block ends without an error the year's revision counts it. With `affects_figures` the
    figures of every open period are then worked out again, after the commit; without, figures that
    were up to date stay so. Raise `StaleRevision` where the year is no longer at `revision`, and
    `Refused` where it is archived.
    """
    with transaction.atomic():
        year = lock_year(year_id, revision)
        change = YearChange(year)
        year.revision += 1
        yield change
        if change.is_needed:
            _count_change(year)
            if not affects_figures:
                stay_current(year)
    if change.is_needed and affects_figures:
        bring_up_to_date(year)


def bring_up_to_date(year: FinancialYear) -> None:
    """Bring what follows from a year up to date; outside the transaction of its change."""
    if (waiting := _postponed.get()) is not None:
        waiting[year.pk] = year
        return
    registry.follow_change(year)


@contextmanager
def postpone_figures() -> Iterator[None]:
    """Bring figures up to date once, when the block ends without an error.

    For many changes in one transaction: nobody reads the figures between them, and publishing
    works out its own.
    """
    waiting: dict[int, FinancialYear] = {}
    token = _postponed.set(waiting)
    try:
        yield
    finally:
        _postponed.reset(token)
    for year in waiting.values():
        bring_up_to_date(year)


def archived_message(year: FinancialYear) -> str:
    """Return the sentence that refuses any change of an archived year."""
    return (
        f"{year} is archived and read only, so nothing was changed. A finance lead or an "
        "administrator can bring it back under Settings, Years."
    )


def refuse_archived(year_id: int) -> None:
    """Raise `Refused` where the year is archived now."""
    year = FinancialYear.objects.filter(pk=year_id, archived_at__isnull=False).first()
    if year is not None:
        raise Refused(archived_message(year))


def lock_year(
    year_id: int, revision: int | None = None, *, even_archived: bool = False
) -> FinancialYear:
    """Return the year, locked until the transaction ends.

    Raise `StaleRevision` where it is no longer at `revision`, and `Refused` where it is archived.
    `even_archived` is for work that changes nothing of the year: bringing it back, and drafts'
    figures being worked out again.
    """
    year = FinancialYear.objects.select_for_update().get(pk=year_id)
    if year.is_archived and not even_archived:
        raise Refused(archived_message(year))
    if revision is not None and year.revision != revision:
        raise StaleRevision(f"{year} is at revision {year.revision}, not {revision}")
    return year


def basis_of(year_id: int, number: int | None) -> int:
    """Return the number of changes that the figures of a period (None: of no period) depend on.

    That is the year's revision less the forecasts typed for other periods, which do not affect
    this one. A forecast that a file leaves blank is carried as the month before had it when the
    file was read to be stored. Read it before the rest, and again under lock_year.
    """
    year = FinancialYear.objects.filter(pk=year_id)
    if number is None:
        return year.values_list("revision", flat=True).get()
    elsewhere = Sum("periods__forecast_saves", filter=~Q(periods__number=number), default=0)
    revision, saves = year.annotate(saves=elsewhere).values_list("revision", "saves").get()
    return revision - int(saves)


def lock_at(
    year_id: int, number: int | None, basis: int, *, even_archived: bool = False
) -> FinancialYear:
    """Return the year, locked. Raise `StaleRevision` where the period's basis is another.

    Raise `Refused` as lock_year does.
    """
    year = lock_year(year_id, even_archived=even_archived)
    require_basis(year, number, basis)
    return year


def require_basis(year: FinancialYear, number: int | None, basis: int) -> None:
    """Raise `StaleRevision` where the period's basis is another."""
    if basis_of(year.pk, number) != basis:
        raise StaleRevision(f"What the figures of period {number} of {year} depend on has changed")


def stay_current(year: FinancialYear, *, typed_for: Period | None = None) -> None:
    """Keep figures current that were current before a change that does not affect them.

    `typed_for` is the period where the change was typed forecasts. Call it inside the transaction
    of the change, with the year at its new revision.
    """
    current = Q(state=PeriodState.OPEN, figures_revision=year.revision - 1)
    typed = Q(pk=typed_for.pk if typed_for else None)
    Period.objects.filter(current | typed, year=year).update(
        figures_revision=_add_one_where("figures_revision", current),
        forecast_saves=_add_one_where("forecast_saves", typed),
    )


def _add_one_where(field: str, condition: Q) -> Case:
    more = When(condition, then=F(field) + 1)
    return Case(more, default=F(field), output_field=PositiveBigIntegerField())


def advance(year: FinancialYear) -> int:
    """Count a change of the year, which is locked; return its new revision."""
    _count_change(year)
    year.revision += 1
    return year.revision


def _count_change(year: FinancialYear) -> None:
    FinancialYear.objects.filter(pk=year.pk).update(revision=F("revision") + 1)
