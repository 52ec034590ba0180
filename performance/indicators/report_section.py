"""The indicators section of a report: read live for a draft, kept as plain data when published."""

from typing import Any

from council_finance import registry
from monitoring.models import Period
from performance.indicators.models import IndicatorValue
from performance.indicators.selectors.register import INDICATORS
from performance.indicators.selectors.report_indicators import NAME
from performance.indicators.selectors.section import build_section


@registry.report_section(NAME)
def indicators_data(period: Period) -> dict[str, Any]:
    """Return the period's indicators section as plain data."""
    return build_section(period).to_data()


@registry.period_content(NAME)
def has_indicators(period: Period) -> bool:
    """Return True where the period has a value of an indicator."""
    if INDICATORS.is_known_empty(period.year):
        return False
    return IndicatorValue.objects.filter(period=period).exists()
