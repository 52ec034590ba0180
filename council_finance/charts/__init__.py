"""Charts: amounts as plotly figures, each chart with its finding and its table. Pure."""

from council_finance.charts.bars import Series, bars, stacked
from council_finance.charts.course import Line, course
from council_finance.charts.model import Chart, ChartTable, Mark
from council_finance.charts.waterfall import WaterfallStep, waterfall

__all__ = [
    "Chart",
    "ChartTable",
    "Line",
    "Mark",
    "Series",
    "WaterfallStep",
    "bars",
    "course",
    "stacked",
    "waterfall",
]
