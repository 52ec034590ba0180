"""Panels about reserves on the overview and on services' pages."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from reserves.calculations import ACTUAL, ANTICIPATED
from reserves.overview import ReservesOverview, headline_figures, summary_sentence
from reserves.report_section import section_of
from reserves.reserve_page import readable_reserves

Context = dict[str, Any]


@registry.panel("reserves", place="overview", template="reserves/overview_panel.html")
def reserves_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the General Fund in a sentence and up to three figures; None without reserves."""
    if not section_of(facts).reserves:
        return None
    overview = ReservesOverview(facts)
    return _report_address(facts) | {
        "sentence": summary_sentence(overview),
        "stats": headline_figures(overview),
    }


@registry.panel("reserves-of-a-service", place="service", template="reserves/service_panel.html")
def reserves_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the reserves held for a service and those below it, and its planned use of reserves.

    None for the council as a whole, and where no reserve is held for the service. A service may
    also use reserves that are held for others, so the two need not agree.
    """
    keys = facts.keys_under(node.key)
    held = [each for each in section_of(facts).reserves if each.service in keys]
    if not held or node.key == facts.top.key:
        return None
    overview = ReservesOverview(facts)
    used = _use_of_reserves(facts, ACTUAL if overview.at_close else ANTICIPATED)
    closing = {each.code: overview.balances[each.code].closing for each in held}
    published = readable_reserves(facts.period.year, with_drafts=False)
    return _report_address(facts) | {
        "planned": _planned_use_text(node.use_of_reserves, overview.display),
        "at_close": overview.at_close,
        # Everybody may open the page of a published reserve; of others only readers of drafts.
        "published": {code for code in closing if published and published.section.find(code)},
        "rows": [
            (each, plain_pounds(used.get(each.code, 0)), plain_pounds(closing[each.code]))
            for each in held
        ],
        "total": (
            plain_pounds(sum(used.get(each.code, 0) for each in held)),
            plain_pounds(sum(closing.values())),
        ),
    }


def _use_of_reserves(facts: ReportData, kind: str) -> Mapping[str, int]:
    """Return the movements of a kind by reserve, without transfers, in pence."""
    used: dict[str, int] = defaultdict(int)
    for side in section_of(facts).movements:
        if side.kind == kind and not side.is_transfer:
            used[side.reserve] += side.amount
    return used


def _report_address(facts: ReportData) -> Context:
    return {"start": facts.period.year.start, "number": facts.period.number}


def _planned_use_text(planned: int, display: Display) -> str:
    """Return a planned use of reserves (pence) in words: negative funds spending."""
    if planned == 0:
        return "no use of reserves"
    way = "to draw {} from reserves" if planned < 0 else "to put {} into reserves"
    return way.format(*display.distinct_words(abs(planned)))
