"""The savings of a report, line by line and narrowed down, with the sums of what is shown."""

from dataclasses import dataclass, replace

from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from savings.calculations import statuses_in_use, tracker_totals
from savings.rules import statuses
from savings.selectors.reading import labels, savings_of, services_of, under
from savings.selectors.rows import SavingRow, amount, saving_row

NAME, SUMMARY = "savings-tracker", "savings-summary"


@dataclass(frozen=True)
class Filter:
    """What is asked for; what is empty is not asked. `text` is in the reference, title or owner.

    A service stands for all below it.
    """

    text: str = ""
    service: str = ""
    decision: str = ""
    status: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.service or self.decision or self.status)


@dataclass(frozen=True)
class Totals:
    """The sums of the savings that are shown, as they print."""

    agreed: str
    forecast: str
    delivered: str
    shortfall: str
    percent: str
    left_out: int


def display_of_lines(facts: ReportFacts) -> Display:
    """How the page prints: as the tracker is reported, in the unit of the other savings pages.

    Single savings would round to little or nothing in millions.
    """
    return replace(facts.display(NAME), unit=facts.display(SUMMARY).unit)


def choices(facts: ReportFacts, chosen: Filter) -> list[tuple[str, str, str, list]]:
    """What the filter offers: name, label, what is chosen, and values with their words."""
    savings, services = savings_of(facts), _services(facts, chosen)
    agreed_in = dict.fromkeys(saving["decision"] for saving in savings if saving["decision"])
    words = statuses_in_use(savings, statuses(facts.settings))
    return [
        ("service", "Service", chosen.service, services),
        ("decision", "Decision", chosen.decision, [(each, each) for each in agreed_in]),
        ("status", "Status", chosen.status, [(word, word) for word in words]),
    ]


def _services(facts: ReportFacts, chosen: Filter) -> list[tuple[str, str]]:
    """The rows on which savings stand; and the one asked for, though they all stand below it."""
    names = labels(facts)
    keys = services_of(facts)
    wanted = {node["key"]: node["label"] for node in facts.nodes if node["key"] == chosen.service}
    return list((wanted | {key: names[key] for key in keys}).items())


def tracker(facts: ReportFacts, chosen: Filter) -> tuple[list[SavingRow], Totals]:
    """The savings that the filter leaves, in the order of the register, and their sums."""
    display, names = display_of_lines(facts), labels(facts)
    services = under(facts, chosen.service)
    found = [saving for saving in savings_of(facts) if _fits(saving, chosen, services)]
    return [saving_row(saving, display, names) for saving in found], totals_of(found, display)


def _fits(saving: dict, chosen: Filter, services: set[str]) -> bool:
    words = " ".join(
        (saving["reference"], saving["title"], saving["owner"], saving["committee"])
    ).casefold()
    wanted = {"decision": chosen.decision, "status": chosen.status}
    return (
        chosen.text.casefold() in words
        and (not chosen.service or saving["home"] in services)
        and all(not value or saving[name] == value for name, value in wanted.items())
    )


def totals_of(savings: list[dict], display: Display) -> Totals:
    """What savings add up to, as it prints."""
    sums = tracker_totals(savings)
    return Totals(
        agreed=display.amount(sums.agreed),
        forecast=amount(display, sums.forecast),
        delivered=amount(display, sums.delivered),
        shortfall=amount(display, sums.variance),
        percent="" if sums.variance is None else display.percent(sums.variance, sums.agreed),
        left_out=sums.unforecast,
    )
