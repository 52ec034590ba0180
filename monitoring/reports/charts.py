"""The charts of the overview and of a service's page: rows to drawings. Pure."""

from dataclasses import dataclass

from council_finance.charts import (
    Chart,
    ChartTable,
    Line,
    Mark,
    WaterfallStep,
    bars,
    course,
    waterfall,
)
from council_finance.charts.marks import FAVOURABLE, LAST_YEAR
from council_finance.money import plain_pounds
from council_finance.periods import period_name
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow

_SHOWN = 12
NOT_GIVEN = "\N{EN DASH}"


@dataclass(frozen=True)
class Years:
    """What a course is drawn over: the names of the two years, and of the periods in order."""

    this: str
    last: str
    periods: dict[int, str]


def where_from(display: Display, parts: list[ReportRow]) -> Chart | None:
    """Net variance by service, the furthest over its budget first.

    `parts` are rows of a report in pence. Beyond the twelve largest, the rest is one bar. None
    where no two rows have a variance.
    """
    given = [part for part in parts if part.net_variance is not None]
    if len(given) < 2:
        return None
    shown, rest = _largest(given, "net_variance")
    marks = [_mark(display, part.label, part.net_variance) for part in shown]
    marks.sort(key=lambda mark: -mark.pence)
    if rest:
        total = sum(part.net_variance for part in rest)
        marks.append(_mark(display, f"The other {len(rest)} together", total))
    return Chart(
        name="where-from",
        title=_where_words(display, given),
        unit=f"Forecast net variance by service, {display.unit_label}",
        figure=bars(marks),
        table=ChartTable(
            ("Service", f"Net variance, {display.unit_label}", "Exact"),
            tuple((mark.label, mark.text, plain_pounds(mark.pence)) for mark in marks),
        ),
    )


def _where_words(display: Display, parts: list[ReportRow]) -> str:
    worst = max(parts, key=lambda part: part.net_variance)
    best = min(parts, key=lambda part: part.net_variance)
    over, under = display.rounded_pence(worst.net_variance), best.net_variance
    if over > 0:
        text = f"{worst.label} is furthest over its budget: {display.in_words(over)}"
        if display.rounded_pence(under) < 0:
            text += f"; {best.label} is furthest under: {display.in_words(-under)}"
        return text
    if display.rounded_pence(under) < 0:
        return (
            "No service is forecast over its budget; "
            f"{best.label} is furthest under: {display.in_words(-under)}"
        )
    return "Every service is forecast on its budget"


def what_changed(
    display: Display, node: ReportRow, parts: list[ReportRow], before: str
) -> Chart | None:
    """From the previous report's net variance to this one's: restatements, then movements.

    `before` names the previous report ("month 2"). The steps lead from the figure as published,
    by what virements from outside and moves restated, by each part's movement, to the figure now;
    what the parts do not explain (rows without a forecast) is a step of its own. None where there
    is no previous report, or nothing under the row.
    """
    if not parts or node.movement is None or node.previous_net_variance is None:
        return None
    published = node.previous_as_published or 0
    restated = node.previous_net_variance - published
    moved = [part for part in parts if part.movement]
    shown, rest = _largest(moved, "movement")
    shown.sort(key=lambda part: -abs(part.movement))
    changes = [(part.label, part.movement) for part in shown]
    if rest:
        changes.append((f"The other {len(rest)} together", sum(p.movement for p in rest)))
    if unexplained := node.movement - sum(change for _, change in changes):
        changes.append(("Not in one of these", unexplained))
    if restated:
        changes.insert(0, ("Restated: virements and moves of services", restated))
    now = node.net_variance or 0
    steps = [
        WaterfallStep(
            _mark(display, f"{before[:1].upper()}{before[1:]}, as published", published), True
        ),
        *(WaterfallStep(_mark(display, label, change)) for label, change in changes),
        WaterfallStep(_mark(display, "Now", now), True),
    ]
    return Chart(
        name="what-changed",
        title=_changed_words(display, node.movement, shown, before),
        unit=f"Net variance, {display.unit_label}: orange makes it worse, blue better",
        figure=waterfall(steps),
        table=ChartTable(
            ("Step", f"Net variance, {display.unit_label}", "Exact"),
            tuple((s.mark.label, s.mark.text, plain_pounds(s.mark.pence)) for s in steps),
        ),
    )


def _changed_words(display: Display, movement: int, shown: list[ReportRow], before: str) -> str:
    way = "worse" if movement > 0 else "better"
    if display.rounded_pence(movement) == 0:
        text = f"All in all unchanged since {before}"
    else:
        text = f"{display.in_words(abs(movement))} {way} than in {before}"
    if not shown:
        return text
    most = shown[0]
    change = display.in_words(abs(most.movement))
    sense_of_it = "worse" if most.movement > 0 else "better"
    return f"{text}; {most.label} moved most: {change} {sense_of_it}"


def year_course(display: Display, points: tuple, last: tuple, years: Years) -> Chart:
    """The net variance as reported from period to period, this year and last.

    `points` and `last` have `number` and `net_variance` (pence or None), in order.
    """
    labels = years.periods
    lines = [_line(display, points, years.this, labels, FAVOURABLE)]
    if last:
        lines.insert(0, _line(display, last, years.last, labels, LAST_YEAR, thin=True))
    headings = ["Period", years.this, *([years.last] if last else [])]
    rows = [
        (label, *(line.marks[place].text for line in reversed(lines)))
        for place, label in enumerate(labels.values())
        if any(line.marks[place].pence is not None for line in lines)
    ]
    return Chart(
        name="course",
        title=_course_words(display, points, last),
        unit=f"Net variance as reported, {display.unit_label}; above the line is an overspend",
        figure=course(lines, printed=display.in_words),
        table=ChartTable(tuple(headings), tuple(rows)),
    )


def _line(display, points, name, labels, colour, *, thin: bool = False) -> Line:
    by_number = {point.number: point.net_variance for point in points}
    marks = tuple(_mark(display, label, by_number.get(n)) for n, label in labels.items())
    return Line(name, marks, colour, thin)


def _course_words(display: Display, points: tuple, last: tuple) -> str:
    given = [point for point in points if point.net_variance is not None]
    if not given:
        return "No forecast has been reported yet"
    now = given[-1]
    text = f"{period_name(now.number)}: {_position(display, now.net_variance)}"
    if len(given) > 1:
        first = given[0]
        text += f"; {_period(first.number)}: {_position(display, first.net_variance)}"
    same = [p for p in last if p.number <= now.number and p.net_variance is not None]
    if same:
        a_year_ago = _position(display, same[-1].net_variance)
        text += f"; {_period(same[-1].number)} of last year: {a_year_ago}"
    return text


def _period(number: int) -> str:
    """`month 2`, within a sentence."""
    name = period_name(number)
    return name[:1].lower() + name[1:]


def _position(display: Display, pence: int) -> str:
    rounded = display.rounded_pence(pence)
    if rounded == 0:
        return "on budget"
    word = "an overspend" if rounded > 0 else "an underspend"
    return f"{word} of {display.in_words(abs(pence))}"


def _mark(display: Display, label: str, pence: int | None) -> Mark:
    if pence is None:
        return Mark(label, None, NOT_GIVEN)
    exact = f"{label}: {plain_pounds(pence)}"
    return Mark(label, pence, display.amount(pence), exact, display.sense(pence))


def _largest(parts: list[ReportRow], name: str) -> tuple[list[ReportRow], list[ReportRow]]:
    """The largest by size, and the rest; one left over alone is shown with the others."""
    ordered = sorted(parts, key=lambda part: -abs(getattr(part, name)))
    if len(ordered) <= _SHOWN + 1:
        return ordered, []
    return ordered[:_SHOWN], ordered[_SHOWN:]
