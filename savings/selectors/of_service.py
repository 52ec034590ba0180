"""The savings of one service, and whether its forecast can hold what they fall short by."""

from dataclasses import dataclass

from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from savings.calculations import TrackerTotals, tracker_totals, uncontained
from savings.selectors.overview import display_of
from savings.selectors.reading import labels, savings_of, services_of, under
from savings.selectors.rows import SavingRow, saving_row, shortfall_of
from savings.selectors.tracker import Totals, totals_of

SHOWN = 12
BEFORE_RESERVES = "before planned use of reserves and capital receipts"


@dataclass(frozen=True)
class Flag:
    """A service whose forecast cannot hold what its savings fall short by, said in words.

    `key` and `label` are of its row of the tree.
    """

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class OfService:
    """The savings at a row of the tree and below it: those that are short by most come first.

    `held` says that the forecast can hold the shortfall, where there is one and it can.
    """

    rows: list[SavingRow]
    count: int
    totals: Totals
    unit: str
    held: str
    flags: list[Flag]


def of_service(facts: ReportFacts, node: dict) -> OfService | None:
    """The savings of a service; None where it has none."""
    keys, display = under(facts, node["key"]), display_of(facts)
    found = [saving for saving in savings_of(facts) if saving["home"] in keys]
    if not found:
        return None
    ordered = sorted(found, key=_most_short_first)
    names = labels(facts)
    return OfService(
        rows=[saving_row(saving, display, names) for saving in ordered[:SHOWN]],
        count=len(found),
        totals=totals_of(found, display),
        unit=display.unit_label,
        held=_held(facts, node),
        flags=flags(facts, node),
    )


def in_a_sentence(facts: ReportFacts, node: dict) -> str:
    """What becomes of a service's savings, in words; what has no forecast is told apart."""
    keys, display = under(facts, node["key"]), display_of(facts)
    totals = tracker_totals([s for s in savings_of(facts) if s["home"] in keys])
    if not totals.agreed:
        return "No savings are agreed for it."
    if totals.variance is None:
        agreed = display.in_words(totals.agreed)
        return f"None of its savings ({agreed} agreed) has a forecast yet."
    return f"{_against_agreed(totals, display)}{_further(totals, display)}"


def _against_agreed(totals: TrackerTotals, display: Display) -> str:
    """Of the savings that have a forecast: what they come to, beside what was agreed of them."""
    known = display.in_words(totals.agreed - totals.unforecast_agreed)
    by = display.in_words(abs(totals.variance))
    if not display.rounded_pence(totals.variance):
        return f"Its savings are forecast as agreed ({known})."
    if totals.variance > 0:
        return f"Its savings fall short by {by} of the {known} agreed."
    return f"Its savings come to {by} more than the {known} agreed."


def _further(totals: TrackerTotals, display: Display) -> str:
    if not totals.unforecast:
        return ""
    return f" A further {display.in_words(totals.unforecast_agreed)} agreed has no forecast."


def _most_short_first(saving: dict) -> tuple[int, int, str]:
    return -(shortfall_of(saving) or 0), -saving["agreed"], saving["reference"]


def flags(facts: ReportFacts, node: dict | None = None) -> list[Flag]:
    """The rows with savings whose forecast cannot hold what they fall short by.

    Those below the row given, and that one itself; or any of the report's. A row is judged with
    the savings at it and below it, by the rule of calculations.uncontained: their net shortfall
    against the forecast's adverse gross variance. Without a forecast nothing can be told, which
    is said. What the council's unit prints as nil is let be.
    """
    homes = services_of(facts)
    if node is not None:
        inside = under(facts, node["key"])
        homes = [node["key"], *(key for key in homes if key in inside and key != node["key"])]
    rows = {each["key"]: each for each in facts.nodes}
    found = (_flag(facts, rows[key]) for key in homes if key in rows)
    return [flag for flag in found if flag]


def _flag(facts: ReportFacts, node: dict) -> Flag | None:
    display, shortfall = display_of(facts), _shortfall(facts, node)
    if shortfall is None or display.rounded_pence(shortfall) <= 0:
        return None
    short, variance = display.in_words(shortfall), node["gross_variance"]
    left = uncontained(shortfall, variance)
    if left is None:
        text = f"the savings fall short by {short}, and the service has no forecast yet to hold it."
    elif display.rounded_pence(left) == 0:
        return None
    else:
        missing = "The whole" if left == shortfall else f"{display.in_words(left)} of the"
        text = (
            f"the savings fall short by {short}, but {_forecast_words(facts, node)}. "
            f"{missing} shortfall may be missing from the forecast."
        )
    return Flag(node["key"], node["label"], text)


def _held(facts: ReportFacts, node: dict) -> str:
    """That the forecast can hold the shortfall, where there is one."""
    display, shortfall = display_of(facts), _shortfall(facts, node)
    short = shortfall is not None and display.rounded_pence(shortfall) > 0
    if not short or _flag(facts, node):
        return ""
    return (
        f"The savings fall short by {display.in_words(shortfall)}, and "
        f"{_forecast_words(facts, node)}: enough to hold that."
    )


def _shortfall(facts: ReportFacts, node: dict) -> int | None:
    """What the savings at a row and below it fall short by, in pence; more than agreed offsets."""
    keys = under(facts, node["key"])
    return tracker_totals([s for s in savings_of(facts) if s["home"] in keys]).variance


def _forecast_words(facts: ReportFacts, node: dict) -> str:
    display, variance = display_of(facts), node["gross_variance"]
    before = "" if variance == node["net_variance"] else f" {BEFORE_RESERVES}"
    if display.rounded_pence(variance) == 0:
        return f"the service is forecast on budget{before}"
    sense = "overspend" if variance > 0 else "underspend"
    return f"the service is forecast to {sense} by {display.in_words(abs(variance))}{before}"
