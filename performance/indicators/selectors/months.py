"""An indicator's months, of this year and earlier ones, each with what it is rated by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from council_finance.periods import CLOSE
from council_finance.quantities import as_fraction, nearest_quantity
from monitoring.models import Period
from performance.indicators.former_targets import former_target
from performance.indicators.models import (
    Basis,
    Indicator,
    IndicatorHistory,
    IndicatorValue,
    Unit,
)
from performance.indicators.report_rows import IndicatorRow, MonthRow
from performance.indicators.rules import Goal, Reading, rate
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.settings_tables import PerformanceSettings


@dataclass(frozen=True)
class MonthValue:
    """A stored value of a month, in exact numbers of the measure's unit; None is not given.

    `covers` is the date and name of the data, by which the same data are known again.
    """

    financial_year: int
    period: int
    actual: Fraction | None
    target: Fraction | None = None
    minimum: Fraction | None = None
    declared: str = ""
    covers: tuple[str, str] = ("", "")

    @property
    def place(self) -> tuple[int, int]:
        """Return year and period, by which months are in order."""
        return self.financial_year, self.period

    @property
    def month(self) -> int:
        """Return the month of the year (1 to 12) that the value covers, by its data's date."""
        date, _ = self.covers
        return (int(date[5:7]) + 8) % 12 + 1 if date else min(self.period, CLOSE - 1)


def is_monthly_count(measure: Indicator | IndicatorRow) -> bool:
    """Return True for a number counted within a month, which more weeks make larger."""
    return bool(measure.basis == Basis.PERIOD and measure.unit == Unit.NUMBER)


def weeks_of(indicator: Indicator, settings: PerformanceSettings, month: int) -> int:
    """Return the weeks by which a month's value is divided before it is compared with another.

    It is 1 where months are not counted in weeks, and for measures that are no monthly counts.
    """
    return (settings.weeks_of(month) or 1) if is_monthly_count(indicator) else 1


def fraction_or_none(quantity: int | None) -> Fraction | None:
    """Return a stored number as an exact one."""
    return None if quantity is None else as_fraction(quantity)


def quantity_or_none(value: Fraction | None) -> int | None:
    """Return an exact number as it is stored, to four decimals."""
    return None if value is None else nearest_quantity(value)


def value_given(value: IndicatorValue) -> Fraction | None:
    """Return the value of a period: as given, else numerator by denominator."""
    if value.actual is not None:
        return as_fraction(value.actual)
    return share_of(value.indicator.unit, value.numerator, value.denominator)


_PER = {"percent": 100, "per_1000": 1_000, "per_10000": 10_000, "per_100000": 100_000}


def share_of(unit: str, numerator: int | None, denominator: int | None) -> Fraction | None:
    """Return numerator by denominator in the measure's unit: of a percentage times 100."""
    if numerator is None or not denominator:
        return None
    return Fraction(numerator * _PER.get(unit, 1), denominator)


def month_values(
    indicator: Indicator, values: Iterable[IndicatorValue], history: Iterable[IndicatorHistory]
) -> list[MonthValue]:
    """Return an indicator's months in order; those of its history come before stored ones."""
    found = {
        (each.period.year.start, each.period.number): _of_value(indicator, each) for each in values
    }
    found |= {(each.financial_year, each.period): _of_history(each) for each in history}
    return [found[place] for place in sorted(found)]


def _of_value(indicator: Indicator, value: IndicatorValue) -> MonthValue:
    owner = value.indicator
    target = owner.target if value.target is None else value.target
    return MonthValue(
        value.period.year.start,
        value.period.number,
        value_given(value),
        fraction_or_none(target),
        fraction_or_none(owner.minimum if value.minimum is None else value.minimum),
        value.status,
        (value.data_date.isoformat() if value.data_date else "", value.data_period),
    )


def _of_history(row: IndicatorHistory) -> MonthValue:
    return MonthValue(
        row.financial_year,
        row.period,
        fraction_or_none(row.actual),
        fraction_or_none(row.target),
        fraction_or_none(row.minimum),
        row.status,
    )


def goal_of(
    indicator: Indicator,
    settings: PerformanceSettings,
    target: Fraction | None,
    minimum: Fraction | None,
) -> Goal:
    """Return what an indicator is held against, with its floor."""
    percent = fraction_or_none(indicator.minimum_percent)
    if percent is None and not indicator.has_no_minimum:
        percent = settings.minimum_percent
    return Goal(
        polarity=indicator.polarity,
        target=target,
        low=fraction_or_none(indicator.target_low),
        high=fraction_or_none(indicator.target_high),
        is_strict=indicator.target_is_strict,
        minimum=minimum,
        minimum_percent=percent,
    )


def previous_value(months: Sequence[MonthValue], now: MonthValue) -> MonthValue | None:
    """Return the latest earlier month with a value of other data; outturns of earlier years not."""
    earlier = [
        month
        for month in months
        if month.place < now.place
        and month.actual is not None
        and (month.period != CLOSE or month.financial_year == now.financial_year)
        and (month.covers != now.covers or not any(now.covers))
    ]
    return earlier[-1] if earlier else None


def compare_by_weeks(
    indicator: Indicator,
    reading: Reading,
    months: Sequence[MonthValue],
    settings: PerformanceSettings,
    *,
    is_given: bool,
) -> Reading:
    """Return the reading with the previous value in as many weeks as the last of the months has.

    So monthly counts of four and five weeks are compared per week. A previous value that the file
    gives is that of the month before. The same month of last year has as many weeks.
    """
    if reading.previous is None:
        return reading
    now = months[-1]
    before = None if is_given else previous_value(months, now)
    month = before.month if before else (now.month - 2) % 12 + 1
    weeks = weeks_of(indicator, settings, now.month)
    previous = reading.previous * weeks / weeks_of(indicator, settings, month)
    return Reading(reading.actual, previous, reading.last_year)


def value_at(months: Sequence[MonthValue], start: int, period: int) -> Fraction | None:
    """Return the value of a month; of the close that of March where the close has none."""
    found = {month.place: month.actual for month in months}
    value = found.get((start, period))
    return found.get((start, 12)) if value is None and period == CLOSE else value


def month_rows(
    indicator: Indicator,
    months: Sequence[MonthValue],
    settings: PerformanceSettings,
    scheme: PerformanceScheme,
) -> tuple[MonthRow, ...]:
    """Return the months as a report keeps them, each with its status and the former target's."""
    rows = []
    for place, month in enumerate(months):
        goal = goal_of(indicator, settings, month.target, month.minimum)
        derived = rate(scheme.rules, goal, Reading(month.actual))
        former = _former_target_at(indicator, settings, months[: place + 1])
        rows.append(
            MonthRow(
                month.financial_year,
                month.period,
                target=quantity_or_none(month.target),
                actual=quantity_or_none(month.actual),
                minimum=quantity_or_none(goal.floor()),
                status=month.declared or derived,
                derived=derived,
                former_target=quantity_or_none(former),
                against_former=_rate_against(indicator, settings, scheme, former, month),
                month=month.month,
            )
        )
    return tuple(rows)


_WEEKS = 20
"""A number of weeks that months of four and of five weeks divide, so that targets stay exact."""


def _former_target_at(
    indicator: Indicator, settings: PerformanceSettings, months: Sequence[MonthValue]
) -> Fraction | None:
    """Return the target before the last change, for a month of as many weeks as the last one.

    Where months are counted in weeks, 868 in four weeks and 1,085 in five are the same target.
    """
    given = [month for month in months if month.target is not None and month.period != CLOSE]
    if not given or given[-1] is not months[-1]:
        return None
    weeks = [weeks_of(indicator, settings, month.month) for month in given]
    targets = [
        (month.financial_year, month.period, nearest_quantity(month.target * _WEEKS / per))
        for month, per in zip(given, weeks, strict=True)
        if month.target is not None
    ]
    found = fraction_or_none(former_target(targets))
    return None if found is None else found * weeks[-1] / _WEEKS


def _rate_against(
    indicator: Indicator,
    settings: PerformanceSettings,
    scheme: PerformanceScheme,
    former: Fraction | None,
    month: MonthValue,
) -> str:
    if former is None or month.actual is None:
        return ""
    goal = goal_of(indicator, settings, former, None)
    return rate(scheme.rules, goal, Reading(month.actual))


def months_gone(period: Period, value: IndicatorValue | None) -> int:
    """Return how many months of the year a cumulative value covers, by the date of its data."""
    date = value.data_date if value else None
    if date is not None:
        gone = (date.year - period.year.start) * 12 + date.month - 3
        if 1 <= gone <= 12:
            return gone
    return min(period.number, 12)
