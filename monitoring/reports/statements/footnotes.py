"""Footnotes that explain a figure: what restated it, which lines lack a forecast."""

import datetime
from collections.abc import Iterator

from council_finance.money import plain_pounds
from council_finance.periods import long_date, period_name
from council_finance.statements import Display, Footnote
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import RESTATED

FORECAST_CHANGED = "†"
NO_FORECAST = "‡"


def variance_footnotes(facts: ReportData, display: Display) -> tuple[Footnote, ...]:
    """Notes on restated comparatives, on forecasts that came or went, and on missing ones."""
    notes = [
        Footnote(RESTATED, _restated_text(facts, node, display))
        for node in facts.leaves
        if node.has_restated_mark
    ]
    notes += [
        Footnote(FORECAST_CHANGED, text)
        for node in facts.leaves
        for text in _forecast_change_texts(node)
    ]
    notes += [
        Footnote(NO_FORECAST, _no_forecast_text(node))
        for node in facts.leaves
        if node.lines_without_forecast
    ]
    return tuple(notes)


def movement_mark(node: ReportRow) -> str:
    """The mark of a movement that holds a forecast given for the first time, or no longer."""
    changed = {"first_forecast", "no_longer_forecast"} & set(node.explanation)
    return FORECAST_CHANGED if changed else ""


def variance_mark(node: ReportRow) -> str:
    """The mark of a service's variance that leaves lines without a forecast out."""
    return NO_FORECAST if not node.is_group and node.lines_without_forecast else ""


def _restated_text(facts: ReportData, node: ReportRow, display: Display) -> str:
    published = node.previous_as_published
    before = "none" if published is None else display.in_words(published)
    causes = [
        text
        for cause in node.explanation.get("restatements", [])
        for text in _cause_texts(facts, cause, node)
    ]
    name = period_name(facts.compared_with["period"]).lower()
    return (
        f"{node.label}: the net variance in the previous report ({name}, version "
        f"{facts.compared_with['version']}) was {before} as published, and is restated to "
        f"{display.in_words(node.previous_net_variance)} by {'; and by '.join(causes)}."
    )


def _cause_texts(facts: ReportData, cause: dict, node: ReportRow) -> Iterator[str]:
    if cause["cause"] != "virement":
        lines = "1 line" if cause["lines"] == 1 else f"{cause['lines']} lines"
        here = cause["cause"] == "moved in"
        where = f"moved here from {cause['service']}" if here else f"moved to {cause['service']}"
        variance = cause["effect"] if here else -cause["effect"]
        yield f"{lines} {where}, with a variance of {plain_pounds(variance)}"
        return
    for leg in facts.approved_virements:
        if leg["reference"] == cause["reference"] and node.key in _keys(leg):
            yield virement_text(leg)


def _keys(leg: dict) -> set[str]:
    keys = [end["key"] for end in (leg["from"], leg["to"]) if end]
    return set(keys) if len(set(keys)) == len(keys) else set()


def virement_text(leg: dict) -> str:
    """What a virement moved, from where to where, and who approved it when."""
    moved = ""
    if leg["forecast_amount"]:
        moved = f" with spending of {plain_pounds(leg['forecast_amount'])}"
    return (
        f"virement {leg['reference']} of {plain_pounds(leg['amount'])}{moved} from "
        f"{end_name(leg['from'])} to {end_name(leg['to'])}, {approval_text(leg)}"
    )


def end_name(end: dict | None) -> str:
    """A virement's end in words."""
    return "outside this budget" if end is None else end["name"]


def approval_text(leg: dict) -> str:
    """`approved by Cabinet on 8 July 2019`, or pending."""
    if not leg["approved_on"]:
        return "not yet approved"
    date = long_date(datetime.date.fromisoformat(leg["approved_on"]))
    return (
        f"approved by {leg['approved_by']} on {date}"
        if leg["approved_by"]
        else (f"approved on {date}")
    )


def _forecast_change_texts(node: ReportRow) -> Iterator[str]:
    for key, words in (
        ("first_forecast", "forecast for the first time"),
        ("no_longer_forecast", "no longer forecast"),
    ):
        if entry := node.explanation.get(key):
            more = f" and {entry['more']} more" if entry["more"] else ""
            yield f"{node.label}: {', '.join(entry['lines'])}{more} {words}."


def _no_forecast_text(node: ReportRow) -> str:
    count = node.lines_without_forecast
    lines = "1 line has" if count == 1 else f"{count} lines have"
    budget = plain_pounds(node.budget_without_forecast)
    return f"{node.label}: {lines} no forecast; the budget of {budget} is left out of the variance."
