"""Reserves on the pages of others: after the forecast, and what a service plans to use of them."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.money import plain_pounds
from monitoring.reports.selectors.report_data import ReportData
from reserves.calculations import ACTUAL, ANTICIPATED
from reserves.overview import Overview, headlines, sentence
from reserves.reserve_page import read_reserves
from reserves.selectors import part_of


@registry.panel("reserves", place="overview", template="reserves/overview_panel.html")
def after_the_forecast(facts: ReportData, node: dict) -> dict | None:
    """The General Fund in a sentence and up to three figures; None without reserves."""
    if not part_of(facts)["reserves"]:
        return None
    overview = Overview(facts)
    return _place(facts) | {"sentence": sentence(overview), "stats": headlines(overview)}


@registry.panel("reserves-of-a-service", place="service", template="reserves/service_panel.html")
def of_a_service(facts: ReportData, node: dict) -> dict | None:
    """Reserves held for the service and what is under it, beside its planned use of reserves.

    None for the council as a whole, and where no reserve is held for the service. A service may
    also use reserves that are held for others, so the two need not agree.
    """
    keys = set(_keys(facts, node))
    held = [each for each in part_of(facts)["reserves"] if each["service"] in keys]
    if not held or node["key"] == facts.top["key"]:
        return None
    overview = Overview(facts)
    kind = ACTUAL if overview.at_close else ANTICIPATED
    used = {
        each["code"]: sum(
            side["amount"]
            for side in part_of(facts)["movements"]
            if (side["reserve"], side["kind"], side["transfer"]) == (each["code"], kind, None)
        )
        for each in held
    }
    closing = {code: overview.balances[code].closing for code in used}
    published = read_reserves(facts.period.year, with_drafts=False)
    return _place(facts) | {
        "planned": _in_words(node["use_of_reserves"]),
        "at_close": overview.at_close,
        # Of these there is a page for everyone; of others for those who read drafts of the whole.
        "published": {code for code in used if published and published.find(code)},
        "rows": [
            (each, plain_pounds(used[each["code"]]), plain_pounds(closing[each["code"]]))
            for each in held
        ],
        "total": (plain_pounds(sum(used.values())), plain_pounds(sum(closing.values()))),
    }


def _place(facts: ReportData) -> dict:
    return {"start": facts.period.year.start, "number": facts.period.number}


def _keys(facts: ReportData, node: dict) -> Iterator[str]:
    yield node["key"]
    for child in facts.children.get(node["key"], []):
        yield from _keys(facts, child)


def _in_words(planned: int) -> str:
    """A planned use in pence: negative funds spending."""
    if planned == 0:
        return "no use of reserves"
    way = "to draw {} from reserves" if planned < 0 else "to put {} into reserves"
    return way.format(plain_pounds(abs(planned)))
