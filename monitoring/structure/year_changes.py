"""Changes of a financial year: locked, counted, and followed by its figures."""

from collections.abc import Callable

from django.db.models import Case, F, PositiveBigIntegerField, Q, Sum, When

from monitoring.structure.models import FinancialYear, Period, PeriodState

TRIES = 5


_after_change: list[Callable[[FinancialYear], None]] = []


def after_change(function: Callable[[FinancialYear], None]) -> Callable[[FinancialYear], None]:
    """Register a function that brings figures up to date once a change of a year is committed."""
    _after_change.append(function)
    return function


def bring_up_to_date(year: FinancialYear) -> None:
    """Call every registered function; outside the transaction of the change."""
    for function in _after_change:
        function(year)


class StaleRevision(Exception):
    """What the work was based on changed meanwhile; do it again."""


def lock_year(year_id: int, revision: int | None = None) -> FinancialYear:
    """The year, locked until the transaction ends: one writer of figures at a time.

    Raises StaleRevision where it is no longer at `revision`.
    """
    year = FinancialYear.objects.select_for_update().get(pk=year_id)
    if revision is not None and year.revision != revision:
        raise StaleRevision(f"{year} is at revision {year.revision}, not {revision}")
    return year


def basis_of(year_id: int, number: int | None) -> int:
    """Counts the changes that the figures of a period, or of none, depend on.

    That is the year's revision less the forecasts that were typed for other periods: work on this
    one is not overtaken by them. A forecast that a file leaves blank is carried as the month before
    had it when the file was read to be stored. Read it before the rest, and again under lock_year.
    """
    year = FinancialYear.objects.filter(pk=year_id)
    if number is None:
        return year.values_list("revision", flat=True).get()
    elsewhere = Sum("periods__forecast_saves", filter=~Q(periods__number=number), default=0)
    revision, saves = year.annotate(saves=elsewhere).values_list("revision", "saves").get()
    return revision - int(saves)


def lock_at(year_id: int, number: int | None, basis: int) -> FinancialYear:
    """Return the year, locked. Raise StaleRevision where the period's basis is another."""
    year = lock_year(year_id)
    require_basis(year, number, basis)
    return year


def require_basis(year: FinancialYear, number: int | None, basis: int) -> None:
    """Raise StaleRevision where the period's basis is another."""
    if basis_of(year.pk, number) != basis:
        raise StaleRevision(f"What the figures of period {number} of {year} depend on has changed")


def stay_current(year: FinancialYear, *, typed_for: Period | None = None) -> None:
    """After a change that touches no figures but those it wrote itself: what was up to date is.

    `typed_for` is the period where the change was typed forecasts. Call it inside the transaction
    that moved the year on to its revision.
    """
    current = Q(state=PeriodState.OPEN, figures_revision=year.revision - 1)
    typed = Q(pk=typed_for.pk if typed_for else None)
    Period.objects.filter(current | typed, year=year).update(
        figures_revision=_one_more("figures_revision", current),
        forecast_saves=_one_more("forecast_saves", typed),
    )


def _one_more(field: str, where: Q) -> Case:
    more = When(where, then=F(field) + 1)
    return Case(more, default=F(field), output_field=PositiveBigIntegerField())


def advance(year: FinancialYear) -> int:
    """Say that something figures depend on has changed; answers the new revision.

    `year` is as it stands under lock_year.
    """
    FinancialYear.objects.filter(pk=year.pk).update(revision=F("revision") + 1)
    year.revision += 1
    return year.revision
