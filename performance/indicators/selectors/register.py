"""The indicators of a year, and their values, as they are stored."""

from collections.abc import Collection

from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear, Period
from performance.indicators.models import Indicator, IndicatorValue

INDICATORS = TableOfYears(Indicator)


def register(year: FinancialYear) -> list[Indicator]:
    """Return the year's indicators in their order, with their services."""
    if INDICATORS.is_known_empty(year):
        return []
    found = Indicator.objects.filter(year=year).select_related("service", "parent")
    return sorted(found, key=lambda each: (each.order, each.reference))


def values_in(period: Period) -> dict[int, IndicatorValue]:
    """Return the period's values by the indicator's id."""
    found = IndicatorValue.objects.filter(period=period).select_related("indicator")
    return {value.indicator_id: value for value in found}


def values_up_to(period: Period) -> list[IndicatorValue]:
    """Return the values of the year up to the period, and those of the year before."""
    start = period.year.start
    found = IndicatorValue.objects.filter(period__year__start__in=(start - 1, start))
    found = found.select_related("period__year", "indicator")
    return [
        each for each in found if each.period.year.start < start or _is_up_to(each.period, period)
    ]


def _is_up_to(period: Period, last: Period) -> bool:
    return period.number <= last.number


def references(indicators: Collection[Indicator]) -> dict[str, Indicator]:
    """Return indicators by reference."""
    return {indicator.reference: indicator for indicator in indicators}


def indicator_record(year: FinancialYear, reference: str) -> str:
    """Return the name of an indicator in the audit trail."""
    return f"indicator {year.label} {reference}"
