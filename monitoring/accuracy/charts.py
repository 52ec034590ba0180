"""The chart of forecast errors by month, a line for each year. Pure."""

from collections.abc import Mapping, Sequence

from council_finance.charts import Chart, ChartTable, Line, Mark, course
from council_finance.charts.marks import FAVOURABLE, FURTHER, LAST_YEAR
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label, period_name
from council_finance.statements import Display
from council_finance.statements.display import NOT_GIVEN

_COLOURS = (FAVOURABLE, LAST_YEAR, *FURTHER)

ErrorsByMonth = Mapping[int, int]


def errors_by_month(
    years: Sequence[tuple[int, ErrorsByMonth]], display: Display, *, title: str
) -> Chart:
    """Return the lines of the council's errors, the latest year first; amounts in pence."""
    months = sorted({number for _, errors in years for number in errors})
    lines = [
        Line(
            financial_year_label(start),
            tuple(_build_mark(display, number, errors.get(number)) for number in months),
            _COLOURS[place % len(_COLOURS)],
            place > 0,
        )
        for place, (start, errors) in enumerate(years)
    ]
    rows = tuple(
        (period_name(number), *(line.marks[place].text for line in lines))
        for place, number in enumerate(months)
    )
    return Chart(
        name="forecast-errors",
        title=title,
        unit=f"Forecast less outturn, {display.unit_label}; above the line the forecast was too "
        "high, below it too low",
        figure=course(lines, printed=display.in_words),
        table=ChartTable(("Period", *(line.name for line in lines)), rows),
    )


def _build_mark(display: Display, number: int, pence: int | None) -> Mark:
    label = period_name(number)
    if pence is None:
        return Mark(label, None, NOT_GIVEN)
    return Mark(label, pence, display.amount(pence), plain_pounds(pence))
