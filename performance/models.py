"""Every table of performance, where Django finds them."""

from performance.activity.models import (
    ActivityGroup,
    ActivityLine,
    ActivityPosition,
    ActivityScenario,
)
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
    "ActivityScenario",
    "Indicator",
    "IndicatorBenchmark",
    "IndicatorHistory",
    "IndicatorValue",
]
