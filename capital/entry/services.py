"""Services that store the forecast of a scheme with its reasons, and balance the funding."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from capital.entry.models import ForecastPart, PartKind
from capital.entry.selectors import (
    POSITION_FIELDS,
    PartKey,
    budgets_of,
    forecast_digest,
    funding_balances,
    funding_budget,
    parts_of,
    position_of,
    reasons_in,
)
from capital.models import (
    CapitalScheme,
    FundingKind,
    FundingPosition,
    FundingSource,
    SchemePosition,
    VarianceReason,
)
from capital.selectors import funding_of, scheme_record, source_record
from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.models import Period
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year

CHANGED_MEANWHILE = (
    "Somebody else has changed this while you were typing. Look at what they entered, then save "
    "again."
)
_THIS_YEAR = (PartKind.MONTH, PartKind.QUARTER)


@dataclass(frozen=True)
class ReasonDetails:
    """A part of a scheme's variance, explained; amounts in pence."""

    project: str
    kind: str
    amount_pence: int | None
    total_amount_pence: int | None
    reason: str


@dataclass(frozen=True)
class ForecastDetails:
    """What a project manager says of a scheme; amounts in pence, None where not given.

    `parts` divide the forecast into months or quarters of this year, and later years.
    """

    actual_to_date_pence: int | None
    forecast_pence: int | None
    total_forecast_pence: int | None
    completion: str
    commentary: str
    parts: Mapping[PartKey, int]
    reasons: tuple[ReasonDetails, ...] = ()


def open_period(period: Period) -> Period:
    """Return the period as stored now. Raise `Refused` where it is published.

    Call it inside change_year, which locks the year.
    """
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def enter_forecast(
    *, period: Period, scheme: CapitalScheme, details: ForecastDetails, seen: str, by: User | None
) -> bool:
    """Store a scheme's forecast with its parts and reasons; return whether anything changed.

    The parts give this year's forecast and that of the whole scheme where these are left blank.
    `seen` is the forecast_digest that the person saw. Raise `Refused` where the parts do not add up
    to what was given, the period is published, or somebody changed the scheme meanwhile.
    """
    details = _fill_from_parts(scheme, details)
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        was = forecast_digest(scheme, period)
        changes = _list_changes(period, scheme, details)
        change.is_needed = bool(changes)
        if not changes:
            return False
        if was != seen:
            raise Refused(CHANGED_MEANWHILE)
        _store_position(period, scheme, details)
        _replace_parts(period, scheme, details.parts)
        _replace_reasons(period, scheme, details.reasons)
        record = scheme_record(period.year.label, scheme.reference)
        audit.record(by=by, action="forecast a scheme", on=record, period=period.number, **changes)
    return True


def _fill_from_parts(scheme: CapitalScheme, details: ForecastDetails) -> ForecastDetails:
    """Return the details with the sums of the parts in place of blanks.

    Raise `Refused` where an amount is given and the parts add up to another.
    """
    this_year = [pence for (kind, _), pence in details.parts.items() if kind in _THIS_YEAR]
    later = [pence for (kind, _), pence in details.parts.items() if kind == PartKind.LATER_YEAR]
    forecast, total = details.forecast_pence, details.total_forecast_pence
    if this_year:
        forecast = _agree_amounts("this year", forecast, sum(this_year))
    if later and forecast is not None:
        whole = (scheme.prior_years_pence or 0) + forecast + sum(later)
        total = _agree_amounts("the whole scheme, with prior years", total, whole)
    return replace(details, forecast_pence=forecast, total_forecast_pence=total)


def _agree_amounts(words: str, given: int | None, added: int) -> int:
    if given is not None and given != added:
        raise Refused(
            f"The parts add up to {plain_pounds(added)} for {words}, and the forecast given is "
            f"{plain_pounds(given)}. Correct one of them, or leave the forecast empty."
        )
    return added


def _list_changes(
    period: Period, scheme: CapitalScheme, details: ForecastDetails
) -> dict[str, Any]:
    """Return the fields that differ from what is stored, each before and after."""
    stored = position_of(scheme, period) or SchemePosition()
    found: dict[str, Any] = {
        name: {"from": getattr(stored, name), "to": getattr(details, name)}
        for name in POSITION_FIELDS
        if getattr(stored, name) != getattr(details, name)
    }
    parts = parts_of(scheme, period)
    if parts != dict(details.parts):
        found["parts"] = {"from": _name_parts(parts), "to": _name_parts(details.parts)}
    reasons = [
        ReasonDetails(r.project, r.kind, r.amount_pence, r.total_amount_pence, r.reason)
        for r in reasons_in(scheme, period)
    ]
    if reasons != list(details.reasons):
        found["reasons"] = {
            "from": [asdict(each) for each in reasons],
            "to": [asdict(each) for each in details.reasons],
        }
    return found


def _name_parts(parts: Mapping[PartKey, int]) -> dict[str, int]:
    return {f"{kind} {number}": pence for (kind, number), pence in sorted(parts.items())}


def _store_position(period: Period, scheme: CapitalScheme, details: ForecastDetails) -> None:
    """Store the forecast; a new position has the budgets that the scheme has now."""
    position = position_of(scheme, period)
    if position is None:
        budgets = budgets_of(scheme, period)
        position = SchemePosition(
            period=period,
            scheme=scheme,
            budget_pence=budgets.this_year,
            total_budget_pence=budgets.whole,
        )
    for name in POSITION_FIELDS:
        setattr(position, name, getattr(details, name))
    position.save()


def _replace_parts(period: Period, scheme: CapitalScheme, parts: Mapping[PartKey, int]) -> None:
    ForecastPart.objects.filter(period=period, scheme=scheme).delete()
    ForecastPart.objects.bulk_create(
        ForecastPart(period=period, scheme=scheme, kind=kind, number=number, amount_pence=pence)
        for (kind, number), pence in parts.items()
    )


def _replace_reasons(
    period: Period, scheme: CapitalScheme, reasons: tuple[ReasonDetails, ...]
) -> None:
    VarianceReason.objects.filter(period=period, scheme=scheme).delete()
    VarianceReason.objects.bulk_create(
        VarianceReason(period=period, scheme=scheme, order=order, **asdict(each))
        for order, each in enumerate(reasons, start=1)
    )


def set_spend_by(
    *, period: Period, source: FundingSource, day: datetime.date | None, seen: str, by: User | None
) -> bool:
    """Store the last day on which a source's money may be spent; return whether it changed.

    `seen` is the ISO date, or "", that the person saw. Raise `Refused` where the period is
    published, or somebody else changed the day meanwhile.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        open_period(period)
        source = FundingSource.objects.get(pk=source.pk)
        stored = iso_day(source.spend_by)
        change.is_needed = stored != iso_day(day)
        if not change.is_needed:
            return False
        if seen != stored:
            raise Refused(CHANGED_MEANWHILE)
        source.spend_by = day
        source.save(update_fields=["spend_by"])
        audit.record(
            by=by,
            action="set the last day of capital funding",
            on=source_record(change.year.label, source.reference),
            spend_by={"from": stored, "to": iso_day(day)},
        )
    return True


def iso_day(day: datetime.date | None) -> str:
    """Return a day as an ISO date; "" where there is none."""
    return day.isoformat() if day else ""


def balance_borrowing(*, period: Period, by: User | None) -> dict[str, int]:
    """Set the borrowing of an open period so that funding equals expenditure.

    Return by column, `budget` and `forecast`, what borrowing changed by, in pence. Raise `Refused`
    where there is no borrowing to set, or an amount lacks so that the two cannot be compared.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        source = _borrowing_source(period)
        short = {
            each.column: each.shortfall
            for each in funding_balances(period)
            if each.column != "original" and each.shortfall
        }
        change.is_needed = bool(short)
        if short:
            _move_borrowing(period, source, short)
            audit.record(
                by=by,
                action="set borrowing to balance",
                on=f"report {change.year.label} period {period.number}",
                source=source.reference,
                changed_by_pence=short,
            )
    return short


def _borrowing_source(period: Period) -> FundingSource:
    """Return the source that is the balance: the first borrowing that is not paid back."""
    for source in funding_of(period.year):
        if source.kind == FundingKind.BORROWING and (funding_budget(source, period) or 0) >= 0:
            return source
    raise Refused("No source of the programme is borrowing, so there is none to set to balance.")


def _move_borrowing(period: Period, source: FundingSource, short: Mapping[str, int]) -> None:
    position, _ = FundingPosition.objects.get_or_create(
        period=period,
        source=source,
        defaults={"budget_pence": funding_budget(source, period)},
    )
    for column, pence in short.items():
        name = f"{column}_pence"
        setattr(position, name, (getattr(position, name) or 0) + pence)
    position.save()
