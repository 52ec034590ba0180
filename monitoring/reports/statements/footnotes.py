"""Footnotes to figures: causes of a restatement, lines without a forecast."""

from collections.abc import Iterator

from council_finance.money import plain_pounds
from council_finance.periods import long_date
from council_finance.statements import Display, Footnote
from monitoring.published.report_rows import LegEnd, ReportRow, RestatementCause, VirementLeg
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import RESTATED

FORECAST_CHANGED = "†"
NO_FORECAST = "‡"


def variance_footnotes(facts: ReportData, display: Display) -> tuple[Footnote, ...]:
    """Return notes on restated comparatives, first and dropped forecasts, and missing ones."""
    notes = [
        Footnote(RESTATED, text)
        for node in facts.leaves
        for text in _restated_texts(facts, node, display)
    ]
    notes += [
        Footnote(FORECAST_CHANGED, text)
        for node in facts.leaves
        for text in _forecast_change_texts(node)
    ]
    notes += [
        Footnote(NO_FORECAST, _no_forecast_text(node, display))
        for node in facts.leaves
        if node.lines_without_forecast
    ]
    return tuple(notes)


def movement_mark(node: ReportRow) -> str:
    """Return the mark of a movement that includes a first or a dropped forecast."""
    changed = node.first_forecast or node.no_longer_forecast
    return FORECAST_CHANGED if changed else ""


def variance_mark(node: ReportRow) -> str:
    """Return the mark of a service's variance that leaves out lines without a forecast."""
    return NO_FORECAST if not node.is_group and node.lines_without_forecast else ""


def _restated_texts(facts: ReportData, node: ReportRow, display: Display) -> Iterator[str]:
    compared, restated = facts.compared_with, node.previous_net_variance
    if compared is None or restated is None or not node.has_restated_mark:
        return
    published = node.previous_as_published
    before = "none" if published is None else display.in_words(published)
    causes = [
        text for cause in node.restatements for text in _cause_texts(facts, cause, node, display)
    ]
    yield (
        f"{node.label}: the net variance in the previous report ({compared.period_text}, version "
        f"{compared.version}) was {before} as published, and is restated to "
        f"{display.in_words(restated)} by {'; and by '.join(causes)}."
    )


def _cause_texts(
    facts: ReportData, cause: RestatementCause, node: ReportRow, display: Display
) -> Iterator[str]:
    if not cause.is_virement:
        here = cause.is_moved_in
        where = f"moved here from {cause.service}" if here else f"moved to {cause.service}"
        (variance,) = display.distinct_words(cause.effect if here else -cause.effect)
        yield f"{cause.lines_text} {where}, with a variance of {variance}"
        return
    for leg in facts.approved_virements:
        if leg.reference == cause.reference and node.key in _keys_of_changed_services(leg):
            yield virement_text(leg)


def _keys_of_changed_services(leg: VirementLeg) -> set[str]:
    """Return the keys of the services whose budget a virement changes.

    Empty where giver and receiver are in one service.
    """
    keys = [end.key for end in leg.ends]
    return set(keys) if len(set(keys)) == len(keys) else set()


def virement_text(leg: VirementLeg) -> str:
    """Return a virement in words: reference, amount, giver, receiver and approval."""
    moved = ""
    if leg.forecast_amount:
        moved = f" with spending of {plain_pounds(leg.forecast_amount)}"
    return (
        f"virement {leg.reference} of {plain_pounds(leg.amount)}{moved} from "
        f"{end_name(leg.giver)} to {end_name(leg.receiver)}, {approval_text(leg)}"
    )


def end_name(end: LegEnd | None) -> str:
    """Return the name of a virement's giver or receiver."""
    return "outside this budget" if end is None else end.name


def approval_text(leg: VirementLeg) -> str:
    """Return `approved by Cabinet on 8 July 2019`, or `not yet approved`."""
    if leg.approved_on is None:
        return "not yet approved"
    by = f" by {leg.approved_by}" if leg.approved_by else ""
    return f"approved{by} on {long_date(leg.approved_on)}"


def _forecast_change_texts(node: ReportRow) -> Iterator[str]:
    for change, words in (
        (node.first_forecast, "forecast for the first time"),
        (node.no_longer_forecast, "no longer forecast"),
    ):
        if change:
            more = f" and {change.more} more" if change.more else ""
            yield f"{node.label}: {', '.join(change.lines)}{more} {words}."


def _no_forecast_text(node: ReportRow, display: Display) -> str:
    count = node.lines_without_forecast
    lines = "1 line has" if count == 1 else f"{count} lines have"
    (budget,) = display.distinct_words(node.budget_without_forecast)
    return f"{node.label}: {lines} no forecast; the budget of {budget} is left out of the variance."
