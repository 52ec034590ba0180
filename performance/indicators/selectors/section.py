"""Build the indicators section of a report from the stored tables."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from council_finance.periods import CLOSE
from council_finance.quantities import decimals_needed
from council_finance.statuses import NOT_REPORTED
from monitoring.models import Period
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.selectors.tree import current_tree
from performance.indicators.models import (
    Basis,
    Indicator,
    IndicatorBenchmark,
    IndicatorHistory,
    IndicatorValue,
    Unit,
)
from performance.indicators.report_rows import BenchmarkRow, IndicatorRow, IndicatorsSection
from performance.indicators.rules import UNRATED, Goal, Reading, direction, rate
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.months import (
    MonthValue,
    compare_by_weeks,
    fraction_or_none,
    goal_of,
    month_rows,
    month_values,
    months_gone,
    previous_value,
    quantity_or_none,
    share_of,
    value_at,
    value_given,
)
from performance.indicators.selectors.register import register, values_up_to
from performance.indicators.settings_tables import (
    DECLARED,
    GIVEN,
    LAST_YEAR,
    PREVIOUS,
    PerformanceSettings,
    performance_scheme,
    performance_settings,
)


@dataclass(frozen=True)
class _Stored:
    """What is stored of a year's indicators up to a period, by their reference."""

    values: Mapping[str, Sequence[IndicatorValue]]
    history: Mapping[str, Sequence[IndicatorHistory]]
    benchmarks: Mapping[str, Sequence[IndicatorBenchmark]]

    def value_in(self, reference: str, period: Period) -> IndicatorValue | None:
        """Return the value of the period itself."""
        return next(
            (each for each in self.values.get(reference, ()) if each.period_id == period.pk), None
        )


@dataclass(frozen=True)
class _Context:
    """What each row of a section is built with."""

    period: Period
    settings: PerformanceSettings
    scheme: PerformanceScheme
    stored: _Stored
    homes: Mapping[int, str]
    parts: Mapping[int, Sequence[Indicator]]


def build_section(
    period: Period,
    settings: CouncilSettings | None = None,
    *,
    entered: Mapping[str, IndicatorValue] | None = None,
) -> IndicatorsSection:
    """Return the year's indicators with the period's values, rated by the council's settings.

    `entered` are values of the period that are not stored yet, by reference, in place of those
    that are.
    """
    indicators = register(period.year)
    if not indicators:
        return IndicatorsSection()
    settings = settings or read_settings(period.year.settings)
    parts: dict[int, list[Indicator]] = defaultdict(list)
    for indicator in indicators:
        if indicator.parent_id:
            parts[indicator.parent_id].append(indicator)
    context = _Context(
        period,
        performance_settings(settings),
        performance_scheme(settings),
        _read_stored(period, indicators, entered or {}),
        _home_services(period, indicators),
        parts,
    )
    return IndicatorsSection(tuple(_build_row(each, context) for each in _in_order(indicators)))


def _in_order(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Return the indicators in order, each with its parts directly below it."""
    below: dict[int | None, list[Indicator]] = defaultdict(list)
    for indicator in indicators:
        below[indicator.parent_id].append(indicator)
    found: list[Indicator] = []

    def add(parent: int | None) -> None:
        for indicator in below.get(parent, ()):
            found.append(indicator)
            add(indicator.pk)

    add(None)
    return found


def _read_stored(
    period: Period, indicators: Sequence[Indicator], entered: Mapping[str, IndicatorValue]
) -> _Stored:
    values: dict[str, list[IndicatorValue]] = defaultdict(list)
    for value in values_up_to(period):
        if value.period_id != period.pk or value.indicator.reference not in entered:
            values[value.indicator.reference].append(value)
    for reference, value in entered.items():
        values[reference].append(value)
    history: dict[str, list[IndicatorHistory]] = defaultdict(list)
    for row in IndicatorHistory.objects.filter(indicator__in=indicators).select_related(
        "indicator"
    ):
        history[row.indicator.reference].append(row)
    benchmarks: dict[str, list[IndicatorBenchmark]] = defaultdict(list)
    found = IndicatorBenchmark.objects.filter(period=period).select_related("indicator")
    for each in found.order_by("order"):
        benchmarks[each.indicator.reference].append(each)
    return _Stored(values, history, benchmarks)


def _home_services(period: Period, indicators: Sequence[Indicator]) -> dict[int, str]:
    """Return the code of the row that each indicator's service belongs to today, by service id."""
    ids = {each.service_id for each in indicators if each.service_id is not None}
    if not ids:
        return {}
    tree = current_tree(period.year)
    return {pk: tree.register[tree.home(pk)].code for pk in ids}


def _build_row(indicator: Indicator, context: _Context) -> IndicatorRow:
    stored, period = context.stored, context.period
    value = stored.value_in(indicator.reference, period)
    months = month_values(
        indicator,
        stored.values.get(indicator.reference, ()),
        stored.history.get(indicator.reference, ()),
    )
    now = _month_now(indicator, value, context)
    months = [*(month for month in months if month.place != now.place), now]
    goal = _goal_now(indicator, value, months, context)
    reading = _read_now(indicator, value, months, now, context)
    is_given = value is not None and value.previous is not None
    compared = compare_by_weeks(indicator, reading, months, context.settings, is_given=is_given)
    derived = rate(context.scheme.rules, goal, _rated_reading(value, compared))
    declared = value.status if value else ""
    shown = value or IndicatorValue()
    derived_direction = direction(
        goal, _value_compared_with(compared, context.settings), compared.actual
    )
    benchmarks = stored.benchmarks.get(indicator.reference, ())
    decimals = _decimals_of(indicator, now.actual)
    return IndicatorRow(
        **_describe_indicator(indicator, context, decimals),
        **_describe_value(shown),
        target=indicator.target if shown.target is None else shown.target,
        rated_target=quantity_or_none(goal.target),
        floor=quantity_or_none(goal.floor()),
        actual=quantity_or_none(reading.actual),
        previous=quantity_or_none(reading.previous),
        last_year=quantity_or_none(reading.last_year),
        previous_outturn=quantity_or_none(_outturn_before(months, benchmarks, period)),
        declared=declared,
        derived=derived,
        status=_shown_status(declared, derived, context.settings),
        status_reason=shown.status_reason or (shown.commentary if declared else ""),
        derived_direction=derived_direction,
        direction=shown.direction_of_travel or derived_direction,
        is_reported=value is not None or now.actual is not None,
        benchmarks=tuple(_describe_benchmark(each) for each in benchmarks),
        months=month_rows(indicator, months, context.settings, context.scheme),
    )


def _describe_value(value: IndicatorValue) -> dict[str, Any]:
    """Return the fields of a row that are the value's own."""
    names = (
        *("target_basis", "actual_count", "numerator", "denominator"),
        *("data_period", "due", "commentary"),
    )
    return {name: getattr(value, name) for name in names} | {
        "headline": value.headline_actual,
        "previous_given": value.previous is not None,
        "data_date": value.data_date.isoformat() if value.data_date else "",
        "declared_direction": value.direction_of_travel,
    }


def _describe_indicator(indicator: Indicator, context: _Context, decimals: int) -> dict[str, Any]:
    """Return the fields of a row that are the indicator's own."""
    names = (
        *("reference", "measure", "long_name", "code", "heading", "priority", "outcome"),
        *("polarity", "unit", "display", "basis", "target_is_strict", "target_low", "target_high"),
        *("target_count", "count_label", "future_target", "unit_of_measure", "source"),
        *("reported_in", "activity_group", "saving_reference", "note"),
    )
    service = indicator.service

    def or_decimals(given: int | None) -> int:
        return decimals if given is None else given

    return {name: getattr(indicator, name) for name in names} | {
        "service": service.code if service else "",
        "service_name": service.name if service else "",
        "home": context.homes.get(service.pk, "") if service else "",
        "parent": indicator.parent.reference if indicator.parent else "",
        "decimals": decimals,
        "target_decimals": or_decimals(indicator.target_decimals),
        "headline_decimals": or_decimals(indicator.headline_decimals),
        "future_decimals": or_decimals(indicator.future_decimals),
    }


def _decimals_of(indicator: Indicator, actual: Fraction | None) -> int:
    """Return the decimals of a measure: as given, else those that its numbers need."""
    if indicator.decimals is not None:
        return indicator.decimals
    numbers = (
        *(indicator.target, indicator.target_low, indicator.target_high),
        quantity_or_none(actual),
    )
    return max((decimals_needed(each) for each in numbers if each is not None), default=0)


def _month_now(indicator: Indicator, value: IndicatorValue | None, context: _Context) -> MonthValue:
    """Return the period's own month; a measure with parts has their sum where it has no value."""
    target = indicator.target if value is None or value.target is None else value.target
    minimum = indicator.minimum if value is None or value.minimum is None else value.minimum
    actual = value_given(value) if value else None
    if actual is None:
        actual = _value_of_parts(indicator, context)
    covers = (
        (value.data_date.isoformat() if value.data_date else "", value.data_period)
        if value
        else ("", "")
    )
    return MonthValue(
        context.period.year.start,
        context.period.number,
        actual,
        fraction_or_none(target),
        fraction_or_none(minimum),
        value.status if value else "",
        covers,
    )


def _value_of_parts(indicator: Indicator, context: _Context) -> Fraction | None:
    """Return the sum of the parts' numerators by that of their denominators; never a mean.

    None unless every part that has a value gives both.
    """
    given = [
        value
        for part in context.parts.get(indicator.pk, ())
        if (value := context.stored.value_in(part.reference, context.period)) is not None
    ]
    counts = [(each.numerator, each.denominator) for each in given]
    if not counts or any(None in pair for pair in counts):
        return None
    numerator = sum(each for each, _ in counts if each is not None)
    denominator = sum(each for _, each in counts if each is not None)
    return share_of(indicator.unit, numerator, denominator)


def _goal_now(
    indicator: Indicator,
    value: IndicatorValue | None,
    months: Sequence[MonthValue],
    context: _Context,
) -> Goal:
    """Return what the period's value is held against: of a cumulative count the part due by now."""
    now = months[-1]
    target = now.target
    is_count = indicator.basis == Basis.YEAR_TO_DATE and indicator.unit not in _NO_COUNTS
    own_target = value is not None and (value.target is not None or bool(value.target_basis))
    if target is not None and is_count and not own_target and context.settings.profile != GIVEN:
        target *= _share_of_year(value, months, context)
    return goal_of(indicator, context.settings, target, now.minimum)


_NO_COUNTS = (Unit.PERCENT, Unit.SCORE)


def _share_of_year(
    value: IndicatorValue | None, months: Sequence[MonthValue], context: _Context
) -> Fraction:
    """Return the part of the year's target that is due: by months, or last year's at this point."""
    gone = months_gone(context.period, value)
    if context.settings.profile == LAST_YEAR:
        before = context.period.year.start - 1
        then, whole = value_at(months, before, gone), value_at(months, before, CLOSE)
        if then is not None and whole:
            return then / whole
    return Fraction(gone, 12)


def _read_now(
    indicator: Indicator,
    value: IndicatorValue | None,
    months: Sequence[MonthValue],
    now: MonthValue,
    context: _Context,
) -> Reading:
    """Return the period's value with the one before and last year's."""
    previous = fraction_or_none(value.previous) if value else None
    if previous is None and now.actual is not None:
        before = previous_value(months, now)
        previous = before.actual if before else None
    benchmarks = context.stored.benchmarks.get(indicator.reference, ())
    given = _benchmark_value(benchmarks, "same_period_last_year")
    last_year = given if given is not None else value_at(months, now.financial_year - 1, now.period)
    return Reading(now.actual, previous, last_year)


def _benchmark_value(benchmarks: Sequence[IndicatorBenchmark], comparator: str) -> Fraction | None:
    found = (each.value for each in benchmarks if each.comparator == comparator)
    return fraction_or_none(next(found, None))


def _outturn_before(
    months: Sequence[MonthValue], benchmarks: Sequence[IndicatorBenchmark], period: Period
) -> Fraction | None:
    """Return the outturn of the year before: of the history, else of the comparator."""
    found = value_at(months, period.year.start - 1, CLOSE)
    return _benchmark_value(benchmarks, "previous_year") if found is None else found


def _rated_reading(value: IndicatorValue | None, reading: Reading) -> Reading:
    """Return the reading that is rated: of the headline where there is one."""
    headline = fraction_or_none(value.headline_actual) if value else None
    if headline is None:
        return reading
    return Reading(headline, reading.previous, reading.last_year)


def _value_compared_with(reading: Reading, settings: PerformanceSettings) -> Fraction | None:
    """Return the value that the direction of travel is judged against."""
    return reading.previous if settings.compare[0] == PREVIOUS else reading.last_year


def _shown_status(declared: str, derived: str, settings: PerformanceSettings) -> str:
    """Return the declared status, else the one worked out.

    Where officers give the status, one that they have not given is Not reported.
    """
    if declared or settings.status != DECLARED or derived in UNRATED:
        return declared or derived
    return NOT_REPORTED


def _describe_benchmark(benchmark: IndicatorBenchmark) -> BenchmarkRow:
    return BenchmarkRow(
        benchmark.comparator,
        benchmark.value,
        benchmark.decimals,
        benchmark.numerator,
        benchmark.denominator,
        benchmark.quartile,
        benchmark.data_period,
        benchmark.note,
    )
