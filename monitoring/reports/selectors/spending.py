"""Spending to date of a row of a report, and what its forecast leaves for the rest of the year."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from council_finance.among import among
from council_finance.statements import Display
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts_by_line
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.node_lines import positions_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.service_lines import ListedLine
from monitoring.reports.spending import Spending, available, spending


@dataclass(frozen=True)
class SpendingWords:
    """Spending in sentences; `question` is empty where the forecast is plausible."""

    so_far: str
    rest: str
    question: str


@dataclass(frozen=True)
class Compared:
    """Sums in pence over the lines with an actual and a forecast, and how many lack either.

    A line that lacks one is left out, as it would count as nil. `profile` is None where any of the
    lines has none.
    """

    lines: int
    actual: int
    forecast: int
    profile: int | None
    left_out: int


def compared_lines(lines: list[ListedLine]) -> Compared:
    """Return the sums over these lines."""
    found = [
        (line.actual, line.forecast, line.profile)
        for line in lines
        if line.actual is not None and line.forecast is not None
    ]
    profiles = [profile for _, _, profile in found if profile is not None]
    return Compared(
        lines=len(found),
        actual=sum(actual for actual, _, _ in found),
        forecast=sum(forecast for _, forecast, _ in found),
        profile=sum(profiles) if len(profiles) == len(found) else None,
        left_out=len(lines) - len(found),
    )


def compared_under(facts: ReportData, node: ReportRow) -> Compared:
    """Return the sums over all lines under a row, added up by the database."""
    positions = positions_of(facts, list(_leaves_under(facts, node)))
    both = Q(actual_to_date_pence__isnull=False, forecast_pence__isnull=False)
    sums = positions.aggregate(
        all=Count("line_id"),
        lines=Count("line_id", filter=both),
        profiles=Count("profiled_budget_to_date_pence", filter=both),
        actual=Sum("actual_to_date_pence", filter=both, default=0),
        forecast=Sum("forecast_pence", filter=both, default=0),
        profile=Sum("profiled_budget_to_date_pence", filter=both, default=0),
    )
    changes = _changes_by_typing(facts, positions)
    lines, profiles = sums["lines"] + changes["lines"], sums["profiles"] + changes["profiles"]
    return Compared(
        lines=lines,
        actual=int(sums["actual"]) + changes["actual"],
        forecast=int(sums["forecast"]) + changes["forecast"],
        profile=int(sums["profile"]) + changes["profile"] if profiles == lines else None,
        left_out=sums["all"] - lines,
    )


def _changes_by_typing(facts: ReportData, positions: QuerySet[Position]) -> Counter[str]:
    """Return what typed forecasts add to the sums of the file's, by the names of the sums.

    A subquery for the typed forecast of each line takes the database most of the page's time.
    """
    through = facts.report.last_forecast_entry if facts.report else None
    typed = typed_forecasts_by_line(facts.period.pk, through=through)
    changes: Counter[str] = Counter()
    rows = positions.filter(among("line_id", typed)).values_list(
        "line_id", "actual_to_date_pence", "forecast_pence", "profiled_budget_to_date_pence"
    )
    for line, actual, given, profile in rows if typed else ():
        if actual is None:
            continue
        changes["forecast"] += typed[line] - (given or 0)
        if given is None:
            changes["lines"] += 1
            changes["actual"] += actual
            changes["profiles"] += profile is not None
            changes["profile"] += profile or 0
    return changes


def _leaves_under(facts: ReportData, node: ReportRow) -> Iterator[ReportRow]:
    if not node.is_group:
        yield node
    for child in facts.children.get(node.key, []):
        yield from _leaves_under(facts, child)


def spending_of(facts: ReportData, compared: Compared) -> SpendingWords | None:
    """Return spending and forecast in sentences; None where they cannot be compared."""
    if not compared.lines:
        return None
    found = spending(
        number=facts.period.number,
        actual=compared.actual,
        forecast=compared.forecast,
        profile=compared.profile,
    )
    if found is None:
        return None
    return _describe_spending(facts.display("annex-a"), found, compared.left_out)


def _describe_spending(display: Display, found: Spending, left_out: int) -> SpendingWords:
    so_far = f"{display.in_words(found.actual)} was spent to date"
    if found.profile is not None:
        over = found.actual - found.profile
        profile = display.in_words(found.profile)
        if display.sense(over):
            way = "more" if over > 0 else "less"
            so_far += f", {display.in_words(abs(over))} {way} than the {profile} profiled"
        else:
            so_far += f", as profiled ({profile})"
    months = "1 month" if found.months_left == 1 else f"{found.months_left} months"
    rest = (
        f"The forecast leaves {display.in_words(found.rest)} for {months}: "
        f"{display.in_words(found.rest_a_month)} a month, against "
        f"{display.in_words(found.a_month)} a month so far."
    )
    if left_out:
        lines = "1 line is" if left_out == 1 else f"{left_out:,} lines are"
        rest += f" {lines} left out, without an actual or a forecast."
    return SpendingWords(f"{so_far}.", rest, _spending_question(found))


def _spending_question(found: Spending) -> str:
    if not found.implausible:
        return ""
    if found.percent is None:
        return "Nothing was spent a month so far: what will begin?"
    way = "more" if found.percent > 0 else "less"
    return (
        f"That is {abs(found.percent)}% {way} a month than so far. Ask what will be different, "
        "or whether the forecast holds."
    )


def available_sentence(node: ReportRow, display: Display) -> str:
    """Return in words what is left of a row's budget; "" where the ledger gives no commitments."""
    if node.commitments is None:
        return ""
    left = available(node.budget, node.commitments, node.actual_to_date)
    spent = display.in_words(node.actual_to_date or 0)
    return (
        f"{spent} is spent and {display.in_words(node.commitments)} committed of the budget of "
        f"{display.in_words(node.budget)}: {display.in_words(left)} is available."
    )
