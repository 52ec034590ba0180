"""The underlying position below Annex A and on a service's page."""

from typing import Any

from council_finance import registry
from council_finance.prose import in_series
from council_finance.statements import Display
from council_finance.statements.presenting import for_page
from monitoring.mitigations.calculations import Underlying
from monitoring.mitigations.selectors import (
    UNDERLYING_POSITION,
    parts_of,
    stated_parts,
    underlying_of,
)
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles

Context = dict[str, Any]


@registry.panel(
    "underlying-position", place="annex-a", template="monitoring/mitigations_of_report.html"
)
def underlying_position_panel(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the underlying position of every row; None where nothing was stated."""
    if not stated_parts(facts) or UNDERLYING_POSITION not in dict(statement_titles(facts)):
        return None
    return {
        "sentence": underlying_sentence(facts, node),
        "statement": for_page(statement(facts, UNDERLYING_POSITION)),
        "start": facts.period.year.start,
        "number": facts.period.number,
        "version": facts.version if facts.report is not None else None,
    }


@registry.panel(
    "mitigations-of-service", place="service", template="monitoring/mitigations_of_service.html"
)
def mitigations_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return what a service states about its variance, with the way to state it in a draft."""
    is_open = facts.report is None and node.is_service
    if node.is_group or not (is_open or parts_of(facts, node)):
        return None
    return {
        "node": node,
        "sentence": underlying_sentence(facts, node),
        "mitigations": [
            (each.description, facts.display("annex-a").in_words(each.amount), each.lasting)
            for each in parts_of(facts, node)
            if each.is_mitigation and not each.says_none
        ],
        "start": facts.period.year.start,
        "number": facts.period.number,
        "is_open": is_open,
    }


def underlying_sentence(facts: ReportData, node: ReportRow) -> str:
    """Return the underlying position of a row in words; what is not stated is named as such."""
    row, display = underlying_of(facts, node), facts.display(UNDERLYING_POSITION)
    if row.net_variance is None or row.before is None:
        return "There is no forecast yet, so there is no variance to explain."
    planned = row.use_of_reserves + row.use_of_capital_receipts
    words = [display.variance_in_words(row.before)]
    if row.mitigations is None:
        words.append(" (no mitigations are stated)")
    else:
        words.append(f" before stated mitigations of {display.in_words(-row.mitigations)}")
    if planned:
        words.append(f" and planned use of reserves and receipts of {display.in_words(-planned)}")
    return (
        f"The forecast shows {''.join(words)}: the net variance is "
        f"{display.variance_in_words(row.net_variance)}. {_split_sentence(row, display)}"
    )


def _split_sentence(row: Underlying, display: Display) -> str:
    if row.one_off is None and row.recurring is None:
        return "How much of it is one-off or recurring is not stated."
    stated = [
        f"{display.in_words(pence)} is {name}"
        for pence, name in ((row.one_off, "one-off"), (row.recurring, "recurring"))
        if pence is not None
    ]
    rest = f"; {display.in_words(row.not_stated)} is not stated" if row.not_stated else ""
    return f"Of the net variance {in_series(stated)}{rest}."
