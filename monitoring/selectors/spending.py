"""What was spent so far of a row of a report, and what its forecast leaves for the rest."""

from dataclasses import dataclass

from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.forecasts import typed_forecasts
from monitoring.selectors.node_lines import node_positions
from monitoring.spending import Spending, spending


@dataclass(frozen=True)
class SpendingWords:
    """Spending in sentences; `question` only where the rest of the year must go otherwise."""

    so_far: str
    rest: str
    question: str


def spending_of(facts: ReportFacts, node: dict) -> SpendingWords | None:
    """The spending of a service without others under it, by the lines that can be compared.

    Those with an actual and a forecast: a line that lacks either would be taken for nil. Groups
    have none, as their lines are not read. None where nothing can be said.
    """
    if node["kind"] == "node":
        return None
    rows = _lines(facts, node)
    compared = [row for row in rows if None not in row[:2]]
    if not compared:
        return None
    actual, forecast = (sum(row[place] for row in compared) for place in (0, 1))
    profiles = [row[2] for row in compared]
    found = spending(
        number=facts.period.number,
        actual=actual,
        forecast=forecast,
        profile=None if None in profiles else sum(profiles),
    )
    return found and _words(facts.display("annex-a"), found, len(rows) - len(compared))


def _lines(facts: ReportFacts, node: dict) -> list[tuple[int | None, int | None, int | None]]:
    """Actual, forecast (a typed one before the file's) and profile of each line, in pence."""
    positions = (
        node_positions(facts, node)
        .order_by()
        .values_list(
            "line_id",
            "actual_to_date_pence",
            "forecast_pence",
            "profiled_budget_to_date_pence",
        )
    )
    rows = list(positions)
    through = facts.report.last_forecast_entry if facts.report else None
    typed = typed_forecasts(facts.period.pk, through=through, lines=[row[0] for row in rows])
    by_line = dict(zip(typed["line"], map(int, typed["forecast"]), strict=True))
    return [
        (actual, by_line.get(line, forecast), profile) for line, actual, forecast, profile in rows
    ]


def _words(display: Display, found: Spending, left_out: int) -> SpendingWords:
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
    return SpendingWords(f"{so_far}.", rest, _question(found))


def _question(found: Spending) -> str:
    if not found.implausible:
        return ""
    if found.percent is None:
        return "Nothing was spent a month so far: what will begin?"
    way = "more" if found.percent > 0 else "less"
    return (
        f"That is {abs(found.percent)}% {way} a month than so far. Ask what will be different, "
        "or whether the forecast holds."
    )
