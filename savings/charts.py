"""Savings drawn: by service, from agreed to shortfall, report by report. Pure.

Agreed amounts are whole pence and positive. A status has its colour, its shape and its word;
words of a council's own have the further colours, in the order of its scheme.
"""

from collections.abc import Sequence

from council_finance.charts import Chart, ChartTable, Mark, Series, Step, stacked, waterfall
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
from savings.calculations import Agreed, MadeOf

_SHAPES = {"red": "▲", "amber": "◆", "green": "●", "blue": "■", "black": "✕"}
_COLOURS = {word.casefold(): colour for word, colour in STATUS_COLOURS.items()}
_TROUBLE = ("black", "red")
_OWN_SHAPES = ("▼", "◇", "★", "□", "△", "◐", "✦")
_OWN_COLOURS = (*FURTHER, FAVOURABLE, ADVERSE, NEUTRAL)
Rows = Sequence[tuple[str, Agreed]]
"""What stands in a chart: the name of a service or report, and what was agreed there."""

_DARK_LETTERS = {STATUS_COLOURS["Amber"], FURTHER[0], FURTHER[2], ADVERSE, LAST_YEAR}
_WHITE = "#FFFFFF"


def marked(words: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Shape and colour of each status; of many words no two have both in common."""
    found, own = {}, 0
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


def by_service(rows: Rows, words: Sequence[str], display: Display) -> Chart | None:
    """Agreed amounts by status, a bar a service, the largest first.

    The page has the same figures in the statement of the savings by service.
    """
    if not rows or not words:
        return None
    ordered = sorted(rows, key=lambda each: -each[1].total)
    return Chart(
        "savings-services",
        _service_finding(ordered, words, display),
        f"Agreed savings by service and status, {display.unit_label}",
        stacked(_series(ordered, words, display)),
        figures_at="savings-summary-caption",
    )


def by_report(rows: Rows, words: Sequence[str], display: Display) -> Chart | None:
    """Agreed amounts by status, a bar a report, the first on top; none for a single report."""
    if len(rows) < 2 or not words:
        return None
    table = tuple(
        (
            name,
            *(display.amount(sums.by_status[word]) for word in words),
            display.amount(sums.total),
        )
        for name, sums in rows
    )
    return Chart(
        "savings-reports",
        _report_finding(rows, words, display),
        f"Agreed savings by status, report by report, {display.unit_label}",
        stacked(_series(rows, words, display)),
        ChartTable(("Report", *words, "Agreed"), table),
    )


def to_shortfall(made: MadeOf, display: Display) -> Chart | None:
    """From what was agreed to what is missing of it; none where nothing has a forecast.

    Savings without a forecast are not in it: `made.left_out` was agreed of them.
    """
    if made.forecast is None:
        return None
    short = made.agreed - made.forecast
    end = "More than agreed" if short < 0 else "Shortfall"
    steps = [
        ("Agreed", made.agreed, made.agreed, True),
        *_made_steps(made),
        (end, abs(short), short, True),
    ]
    drawn = [
        Step(Mark(label, moves, display.amount(pence), f"{label}: {plain_pounds(pence)}"), standing)
        for label, pence, moves, standing in steps
    ]
    table = tuple(
        (label, display.amount(pence), display.percent(pence, made.agreed))
        for label, pence, *_ in steps
    )
    return Chart(
        "savings-shortfall",
        _shortfall_finding(made, display),
        _shortfall_unit(made, display),
        waterfall(drawn),
        ChartTable(("Savings", display.unit_label, "Of agreed"), table),
    )


def _made_steps(made: MadeOf) -> list[tuple[str, int, int, bool]]:
    """What takes the agreed amount down to the shortfall; undivided where nothing is delivered."""
    if made.delivered is None:
        return [("Forecast", made.forecast, -made.forecast, False)]
    to_come = made.forecast - made.delivered
    return [
        ("Delivered to date", made.delivered, -made.delivered, False),
        ("Forecast still to come", to_come, -to_come, False),
    ]


def _shortfall_unit(made: MadeOf, display: Display) -> str:
    unit = f"What becomes of the savings agreed, {display.unit_label}"
    if made.left_out:
        unit += f"; without the {display.in_words(made.left_out)} that has no forecast"
    if made.delivered is not None and made.delivery_unknown:
        unit += "; what is delivered is not given for every saving"
    return unit


def _series(rows: Rows, words: Sequence[str], display: Display) -> list[Series]:
    """A series a status, drawn with its shape, so that its colour is never the only sign."""
    found = []
    for word, (shape, colour) in marked(words).items():
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


def _told(sums: Agreed, words: Sequence[str]) -> tuple[str, int]:
    """The statuses that a reader asks for first, and what was agreed of them.

    Those of savings in trouble where the scheme has such words, else the one with most money.
    """
    trouble = [word for word in words if word.casefold() in _TROUBLE and sums.by_status[word]]
    if trouble:
        return " or ".join(trouble), sum(sums.by_status[word] for word in trouble)
    largest = max(words, key=lambda word: sums.by_status[word])
    return largest, sums.by_status[largest]


def _service_finding(rows: Rows, words: Sequence[str], display: Display) -> str:
    by_status = {word: sum(sums.by_status[word] for _, sums in rows) for word in words}
    whole = Agreed(sum(sums.total for _, sums in rows), by_status)
    told, pence = _told(whole, words)
    text = (
        f"{display.in_words(pence)} of {display.in_words(whole.total)} agreed "
        f"({display.percent(pence, whole.total)}) is {told}"
    )
    if len(rows) < 2:
        return text
    chosen = told.split(" or ")
    most, there = max(
        ((name, sum(sums.by_status[word] for word in chosen)) for name, sums in rows),
        key=lambda each: each[1],
    )
    return f"{text}, {'all' if there == pence else 'most'} of it at {most}"


def _report_finding(rows: Rows, words: Sequence[str], display: Display) -> str:
    *_, (before, then), (_, now) = rows
    told, pence = _told(now, words)
    was = sum(then.by_status[word] for word in told.split(" or "))
    text = f"{display.in_words(pence)} agreed is {told}"
    if then.by_status.get(NOT_REPORTED) == then.total:
        return f"{text}; {before.lower()} reported no statuses yet"
    if display.rounded_pence(pence) == display.rounded_pence(was):
        return f"{text}, as in {before.lower()}"
    way = "up" if pence > was else "down"
    return f"{text}, {way} from {display.in_words(was)} in {before.lower()}"


def _shortfall_finding(made: MadeOf, display: Display) -> str:
    short = made.agreed - made.forecast
    if display.rounded_pence(short) == 0:
        return "What was agreed is forecast to be made in full"
    told = f"{display.in_words(abs(short))} ({display.percent(abs(short), made.agreed)})"
    if short < 0:
        return f"{told} more is forecast than was agreed"
    return f"{told} of what was agreed is not forecast to be made"
