"""The savings of a report, line by line and narrowed down, with the sums of what is shown."""

from dataclasses import dataclass

from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from savings.calculations import statuses_in_use, tracker_totals
from savings.rules import statuses
from savings.selectors.reading import labels, savings_of, services_of
from savings.selectors.rows import SavingRow, amount, saving_row

NAME = "savings-tracker"


@dataclass(frozen=True)
class Filter:
    """What is asked for; what is empty is not asked. `text` is in the reference, title or owner."""

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


def choices(facts: ReportFacts, chosen: Filter) -> list[tuple[str, str, str, list]]:
    """What the filter offers: name, label, what is chosen, and values with their words."""
    names, savings = labels(facts), savings_of(facts)
    agreed_in = dict.fromkeys(saving["decision"] for saving in savings if saving["decision"])
    words = statuses_in_use(savings, statuses(facts.settings))
    return [
        ("service", "Service", chosen.service, [(key, names[key]) for key in services_of(facts)]),
        ("decision", "Decision", chosen.decision, [(each, each) for each in agreed_in]),
        ("status", "Status", chosen.status, [(word, word) for word in words]),
    ]


def tracker(facts: ReportFacts, chosen: Filter) -> tuple[list[SavingRow], Totals]:
    """The savings that the filter leaves, in the order of the register, and their sums."""
    display, names = facts.display(NAME), labels(facts)
    found = [saving for saving in savings_of(facts) if _fits(saving, chosen)]
    return [saving_row(saving, display, names) for saving in found], _totals(found, display)


def _fits(saving: dict, chosen: Filter) -> bool:
    words = " ".join(
        (saving["reference"], saving["title"], saving["owner"], saving["committee"])
    ).casefold()
    wanted = {"home": chosen.service, "decision": chosen.decision, "status": chosen.status}
    return chosen.text.casefold() in words and all(
        not value or saving[name] == value for name, value in wanted.items()
    )


def _totals(savings: list[dict], display: Display) -> Totals:
    sums = tracker_totals(savings)
    return Totals(
        agreed=display.amount(sums.agreed),
        forecast=amount(display, sums.forecast),
        delivered=amount(display, sums.delivered),
        shortfall=amount(display, sums.variance),
        percent="" if sums.variance is None else display.percent(sums.variance, sums.agreed),
        left_out=sums.unforecast,
    )
