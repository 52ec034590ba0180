"""Charts of savings: by service, from agreed to shortfall, and report by report. Pure.

Agreed amounts are whole pence and positive. Each status has a colour, a shape and its word; a
council's own statuses take further colours, in the order of its scheme.
"""

from collections.abc import Sequence

from council_finance.charts import (
    Chart,
    ChartTable,
    Mark,
    Series,
    WaterfallStep,
    stacked,
    waterfall,
)
from council_finance.charts.marks import (
    ADVERSE,
    FAVOURABLE,
    FURTHER,
    INK,
    LAST_YEAR,
    NEUTRAL,
    STATUS_COLOURS,
)
from council_finance.money import plain_pounds
from council_finance.statements import Display
from council_finance.statuses import NOT_REPORTED
from savings.calculations import AgreedTotals, DeliveryBreakdown

_SHAPES = {"red": "▲", "amber": "◆", "green": "●", "blue": "■", "black": "✕"}
_COLOURS = {word.casefold(): colour for word, colour in STATUS_COLOURS.items()}
_TROUBLE = ("black", "red")
_OWN_SHAPES = ("▼", "◇", "★", "□", "△", "◐", "✦")
_OWN_COLOURS = (*FURTHER, FAVOURABLE, ADVERSE, NEUTRAL)
ChartRows = Sequence[tuple[str, AgreedTotals]]
"""The bars of a chart: the name of a service or report, and what was agreed there."""

_DARK_LETTERS = {STATUS_COLOURS["Amber"], FURTHER[0], FURTHER[2], ADVERSE, LAST_YEAR}
_WHITE = "#FFFFFF"


def status_marks(words: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return shape and colour of each status; no two statuses share both."""
    found: dict[str, tuple[str, str]] = {}
    own = 0
    for word in words:
        if (key := word.casefold()) in _SHAPES:
            found[word] = (_SHAPES[key], _COLOURS[key])
        elif word == NOT_REPORTED:
            found[word] = ("○", LAST_YEAR)
        else:
            shape, colour = own % len(_OWN_SHAPES), own % len(_OWN_COLOURS)
            found[word] = (_OWN_SHAPES[shape], _OWN_COLOURS[colour])
            own += 1
    return found


def by_service(rows: ChartRows, words: Sequence[str], display: Display) -> Chart | None:
    """Return agreed amounts by status, a bar for each service, the largest first.

    The page has the same figures in the statement of savings by service.
    """
    if not rows or not words:
        return None
    ordered = sorted(rows, key=lambda each: -each[1].total)
    return Chart(
        "savings-services",
        _service_finding(ordered, words, display),
        f"Agreed savings by service and status, {display.unit_label}",
        stacked(_status_series(ordered, words, display)),
        _table_of_statuses("Service", ordered, words, display),
        figures_at="savings-summary-caption",
    )


def by_report(rows: ChartRows, words: Sequence[str], display: Display) -> Chart | None:
    """Return agreed amounts by status, a bar for each report, the first on top.

    None for a single report.
    """
    if len(rows) < 2 or not words:
        return None
    return Chart(
        "savings-reports",
        _report_finding(rows, words, display),
        f"Agreed savings by status, report by report, {display.unit_label}",
        stacked(_status_series(rows, words, display)),
        _table_of_statuses("Report", rows, words, display),
    )


def _table_of_statuses(
    heading: str, rows: ChartRows, words: Sequence[str], display: Display
) -> ChartTable:
    """Return what was agreed by status, a row for each bar."""
    cells = tuple(
        (
            name,
            *(display.amount(sums.by_status[word]) for word in words),
            display.amount(sums.total),
        )
        for name, sums in rows
    )
    return ChartTable((heading, *words, "Agreed"), cells)


def to_shortfall(breakdown: DeliveryBreakdown, display: Display) -> Chart | None:
    """Return the steps from the agreed savings to their shortfall; None without a forecast.

    Savings without a forecast are left out.
    """
    if breakdown.forecast is None:
        return None
    short = breakdown.agreed - breakdown.forecast
    end = "More than agreed" if short < 0 else "Shortfall"
    steps = [
        ("Agreed", breakdown.agreed, breakdown.agreed, True),
        *_delivery_steps(breakdown.forecast, breakdown.delivered),
        (end, abs(short), short, True),
    ]
    bars = [
        WaterfallStep(
            Mark(label, moves, display.amount(pence), f"{label}: {plain_pounds(pence)}"), standing
        )
        for label, pence, moves, standing in steps
    ]
    table = tuple(
        (label, display.amount(pence), display.percent(pence, breakdown.agreed))
        for label, pence, *_ in steps
    )
    return Chart(
        "savings-shortfall",
        _shortfall_finding(short, breakdown.agreed, display),
        _shortfall_caption(breakdown, display),
        waterfall(bars),
        ChartTable(("Savings", display.unit_label, "Of agreed"), table),
    )


def _delivery_steps(forecast: int, delivered: int | None) -> list[tuple[str, int, int, bool]]:
    """Return the steps down from the agreed amount; one step where no delivery was entered."""
    if delivered is None:
        return [("Forecast", forecast, -forecast, False)]
    to_come = forecast - delivered
    return [
        ("Delivered to date", delivered, -delivered, False),
        ("Forecast still to come", to_come, -to_come, False),
    ]


def _shortfall_caption(breakdown: DeliveryBreakdown, display: Display) -> str:
    unit = f"Savings agreed, delivered and forecast, {display.unit_label}"
    if breakdown.left_out:
        unit += f"; without the {display.in_words(breakdown.left_out)} that has no forecast"
    if breakdown.delivered is not None and breakdown.delivery_unknown:
        unit += "; what is delivered is not given for every saving"
    return unit


def _status_series(rows: ChartRows, words: Sequence[str], display: Display) -> list[Series]:
    """Return a series for each status, with its shape: colour is never the only sign."""
    found = []
    for word, (shape, colour) in status_marks(words).items():
        marks = tuple(
            Mark(
                name,
                sums.by_status[word],
                f"{shape} {display.amount(sums.by_status[word])}",
                plain_pounds(sums.by_status[word]),
            )
            for name, sums in rows
        )
        letters = INK if colour in _DARK_LETTERS else _WHITE
        found.append(Series(f"{shape} {word}", colour, marks, letters))
    return found


def _headline_statuses(totals: AgreedTotals, words: Sequence[str]) -> tuple[list[str], int]:
    """Return the statuses that the title is about, and what was agreed of them in pence.

    Those of savings in trouble where the scheme has such words, else the one with most money.
    """
    trouble = [word for word in words if word.casefold() in _TROUBLE and totals.by_status[word]]
    chosen = trouble or [max(words, key=lambda word: totals.by_status[word])]
    return chosen, _agreed_in(totals, chosen)


def _agreed_in(totals: AgreedTotals, chosen: Sequence[str]) -> int:
    return sum(totals.by_status[word] for word in chosen)


def _service_finding(rows: ChartRows, words: Sequence[str], display: Display) -> str:
    by_status = {word: sum(totals.by_status[word] for _, totals in rows) for word in words}
    whole = AgreedTotals(sum(totals.total for _, totals in rows), by_status)
    chosen, pence = _headline_statuses(whole, words)
    text = (
        f"{display.in_words(pence)} of {display.in_words(whole.total)} agreed "
        f"({display.percent(pence, whole.total)}) is {' or '.join(chosen)}"
    )
    if len(rows) < 2:
        return text
    most, there = max(
        ((name, _agreed_in(totals, chosen)) for name, totals in rows), key=lambda each: each[1]
    )
    return f"{text}, {'all' if there == pence else 'most'} of it at {most}"


def _report_finding(rows: ChartRows, words: Sequence[str], display: Display) -> str:
    *_, (before, then), (_, now) = rows
    chosen, pence = _headline_statuses(now, words)
    was = _agreed_in(then, chosen)
    text = f"{display.in_words(pence)} agreed is {' or '.join(chosen)}"
    if then.by_status.get(NOT_REPORTED) == then.total:
        return f"{text}; {before.lower()} reported no statuses yet"
    if display.rounded_pence(pence) == display.rounded_pence(was):
        return f"{text}, as in {before.lower()}"
    way = "up" if pence > was else "down"
    return f"{text}, {way} from {display.in_words(was)} in {before.lower()}"


def _shortfall_finding(short: int, agreed: int, display: Display) -> str:
    if display.rounded_pence(short) == 0:
        return "What was agreed is forecast to be made in full"
    amount = f"{display.in_words(abs(short))} ({display.percent(abs(short), agreed)})"
    if short < 0:
        return f"{amount} more is forecast than was agreed"
    return f"{amount} of what was agreed is not forecast to be made"
