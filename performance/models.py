"""Every table of performance, where Django finds them."""

from performance.activity.models import ActivityGroup, ActivityLine, ActivityPosition
from performance.indicators.models import (
    Indicator,
    IndicatorBenchmark,
    IndicatorHistory,
    IndicatorValue,
)

__all__ = [
    "ActivityGroup",
    "ActivityLine",
    "ActivityPosition",
    "Indicator",
    "IndicatorBenchmark",
    "IndicatorHistory",
    "IndicatorValue",
]
