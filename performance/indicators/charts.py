"""The chart of an indicator: value, target and floor, month by month. Pure."""

from collections.abc import Callable, Sequence

from council_finance.charts import Chart, ChartTable, Line, Mark, course
from council_finance.charts.marks import INK, LAST_YEAR, NEUTRAL
from council_finance.quantities import PARTS, print_quantity

Points = Sequence[int | None]
_LEAST_TOP = 100 * PARTS
"""The axis has steps of ten at least, so small rates are drawn enlarged."""


def series_chart(
    title: str,
    labels: Sequence[str],
    lines: Sequence[tuple[str, Points]],
    printed: Callable[[int], str],
    table: ChartTable,
) -> Chart | None:
    """Return the lines of an indicator over its months; None for a single month.

    The first line is the value, the others are what it is held against. Numbers are
    ten-thousandths.
    """
    if len(labels) < 2:
        return None
    scale = _scale_of([number for _, points in lines for number in points])
    colours = (INK, NEUTRAL, LAST_YEAR)
    drawn = [
        Line(
            name,
            tuple(
                _draw_mark(label, number, scale, printed)
                for label, number in zip(labels, points, strict=True)
            ),
            colour,
            thin=place > 0,
        )
        for place, ((name, points), colour) in enumerate(zip(lines, colours, strict=False))
        if any(number is not None for number in points)
    ]
    axis = course(drawn, printed=lambda number: _axis_text(number, scale))
    return Chart("indicator", title, "Value by month", axis, table)


def _scale_of(numbers: Sequence[int | None]) -> int:
    largest, scale = max((abs(number) for number in numbers if number is not None), default=0), 1
    while 0 < largest * scale < _LEAST_TOP:
        scale *= 10
    return scale


def _draw_mark(label: str, number: int | None, scale: int, printed: Callable[[int], str]) -> Mark:
    text = "" if number is None else printed(number)
    return Mark(label, None if number is None else number * scale, text, text)


def _axis_text(number: int, scale: int) -> str:
    return print_quantity(number // scale, len(str(scale)) - 1 if scale > 1 else 0)
