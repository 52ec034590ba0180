"""Charts of a group of activity: its volume, and the cost of each, report by report. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from council_finance.charts import Chart, ChartTable, Line, Mark, course
from council_finance.charts.marks import LAST_YEAR, NEUTRAL
from council_finance.quantities import PARTS
from council_finance.statements.display import NOT_GIVEN
from performance.activity.rules import round_pence

_DRAWN_AS_ONE = 100_000
"""The pence that a volume of one is drawn as, as the axis has steps of £1,000 at least."""

_DRAWN_AS_POUND = 10_000
"""The pence that a pound of a unit cost is drawn as: its axis has steps of £10 at least."""


@dataclass(frozen=True)
class Point:
    """A report of the year: what was budgeted and what was reported, None where not given."""

    period: str
    budget: int | None
    actual: int | None


def volume_chart(
    points: Sequence[Point], counted: str, title: str, printed: Callable[[int], str]
) -> Chart | None:
    """Return the volume against the budgeted one, report by report; None without any volume.

    `printed` returns a volume in ten-thousandths as the page prints it.
    """
    if all(point.actual is None for point in points):
        return None

    def drawn(volume: int | None) -> int | None:
        return None if volume is None else volume * _DRAWN_AS_ONE // PARTS

    return _build_chart(
        "activity-volume",
        title,
        counted.capitalize(),
        points,
        drawn,
        printed,
        lambda tick: printed(tick * PARTS // _DRAWN_AS_ONE),
    )


def cost_chart(
    points: Sequence[Point], counted: str, title: str, printed: Callable[[int], str]
) -> Chart | None:
    """Return the yearly cost of each against the budgeted one, in pence, report by report."""
    if all(point.actual is None for point in points):
        return None

    def drawn(pence: int | None) -> int | None:
        return None if pence is None else pence * _DRAWN_AS_POUND // 100

    return _build_chart(
        "activity-cost",
        title,
        f"Cost of each in a year, {counted}, £",
        points,
        drawn,
        printed,
        lambda tick: printed(tick * 100 // _DRAWN_AS_POUND),
    )


def _build_chart(
    name: str,
    title: str,
    unit: str,
    points: Sequence[Point],
    drawn: Callable[[int | None], int | None],
    printed: Callable[[int], str],
    tick: Callable[[int], str],
) -> Chart:
    def text(value: int | None) -> str:
        return NOT_GIVEN if value is None else printed(value)

    def mark(label: str, value: int | None) -> Mark:
        return Mark(label, drawn(value), text(value), text(value))

    lines = [
        Line("Reported", tuple(mark(point.period, point.actual) for point in points), NEUTRAL),
        Line(
            "Budgeted",
            tuple(mark(point.period, point.budget) for point in points),
            LAST_YEAR,
            thin=True,
        ),
    ]
    rows = tuple((point.period, text(point.budget), text(point.actual)) for point in points)
    table = ChartTable(("Report", "Budgeted", "Reported"), rows)
    return Chart(name, title, unit, course(lines, printed=tick), table)


def yearly_cost_of_each(money: int | None, volume: int | None) -> int | None:
    """Return money ÷ volume in pence, rounded to the penny; None without a volume."""
    if money is None or not volume:
        return None
    return round_pence(Fraction(money * PARTS, volume))
