"""How the savings stand in a report: what is made, what changed, and what is at risk by money."""

from collections.abc import Iterator
from dataclasses import dataclass

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from council_finance.statements import Display, Statement
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.reports import statement
from savings.calculations import TrackerTotals, agreed_by_status, statuses_in_use, tracker_totals
from savings.rules import statuses
from savings.selectors.reading import labels, left_of, savings_of
from savings.selectors.rows import SavingRow, StatusTag, saving_row, shortfall_of, status_tag

SHOWN = 10
_MONTHS = 12


@dataclass(frozen=True)
class Stat:
    """A key figure for components/stats.html."""

    label: str
    value: str
    sense: str = ""
    word: str = ""
    note: str = ""


@dataclass(frozen=True)
class StatusRow:
    """A status: how many savings have it, what was agreed of them, and that in the last report."""

    status: StatusTag
    count: int
    agreed: str
    percent: str
    before: str


@dataclass(frozen=True)
class ChangeRow:
    """What is other about a saving than in the last report; `reference` of one that still counts.

    `sense` is that of its forecast: less than before is adverse.
    """

    reference: str
    title: str
    counts: bool
    words: list[str]
    sense: str


@dataclass(frozen=True)
class Overview:
    """What the overview of savings shows."""

    sentence: str
    stats: list[Stat]
    statuses: list[StatusRow]
    status_total: StatusRow
    compared: bool
    changes: list[ChangeRow]
    more_changes: list[ChangeRow]
    at_risk: list[SavingRow]
    at_risk_count: int
    at_risk_text: str
    unreported: int


def overview(facts: ReportFacts) -> Overview:
    """The overview of a report's savings, or of a part of a draft (reading.within)."""
    savings, display = savings_of(facts), display_of(facts)
    totals = tracker_totals(savings)
    risky = sorted(
        (saving for saving in savings if (shortfall_of(saving) or 0) > 0),
        key=lambda saving: (-shortfall_of(saving), saving["reference"]),
    )
    names = labels(facts)
    rows = _status_rows(facts, display)
    changes = list(_changes(facts, display, names))
    return Overview(
        sentence=_sentence(totals, display),
        stats=_stats(totals, display),
        statuses=rows[:-1],
        status_total=rows[-1],
        compared=any(saving["previous"] for saving in savings) or bool(left_of(facts)),
        changes=changes[:SHOWN],
        more_changes=changes[SHOWN:],
        at_risk=[saving_row(saving, display, names) for saving in risky[:SHOWN]],
        at_risk_count=len(risky),
        at_risk_text=_risk_text(risky, facts.period.number, display),
        unreported=totals.unforecast,
    )


def display_of(facts: ReportFacts) -> Display:
    """How pages about savings print: as the council’s summary of them does."""
    return facts.display("savings-summary")


def statement_of(facts: ReportFacts, name: str, *, partly: bool) -> Statement:
    """A statement of savings; of a part of a draft it is made of that part."""
    if partly:
        return registry.statement_entry(name).make(facts)
    return statement(facts, name)


def _sentence(totals: TrackerTotals, display: Display) -> str:
    agreed = display.in_words(totals.agreed)
    if totals.forecast is None:
        return f"Savings of {agreed} were agreed; none has a forecast yet."
    known = totals.agreed - totals.unforecast_agreed
    text = f"Of {display.in_words(known)} agreed, {display.in_words(totals.forecast)} is forecast"
    if display.rounded_pence(totals.variance) == 0:
        text = f"{text}: as agreed"
    else:
        word = "short" if totals.variance > 0 else "more"
        percent = display.percent(abs(totals.variance), known)
        text = f"{text}: {display.in_words(abs(totals.variance))} ({percent}) {word}"
    if not totals.unforecast:
        return f"{text}."
    more = display.in_words(totals.unforecast_agreed)
    return f"{text}. A further {more} agreed has no forecast."


def _stats(totals: TrackerTotals, display: Display) -> list[Stat]:
    def told(pence: int | None) -> str:
        return "–" if pence is None else display.in_words(pence)

    sense = display.sense(totals.variance)
    word = {"adverse": "shortfall", "favourable": "more than agreed"}.get(sense, "")
    shortfall = None if totals.variance is None else abs(totals.variance)
    left = totals.unforecast
    note = f"{left} saving{'s' if left > 1 else ''} left out, without a forecast" if left else ""
    return [
        Stat("Agreed", told(totals.agreed)),
        Stat("Forecast", told(totals.forecast)),
        Stat("Against what was agreed", told(shortfall), sense, word, note),
        Stat("Delivered to date", told(totals.delivered)),
    ]


def _status_rows(facts: ReportFacts, display: Display) -> list[StatusRow]:
    """A row a status and, last, their total."""
    savings, scheme = savings_of(facts), statuses(facts.settings)
    before = _before(facts)
    words = statuses_in_use([*savings, *before], scheme)
    now, then = agreed_by_status(savings, words), agreed_by_status(before, words)
    rows = [
        StatusRow(
            status_tag(word),
            sum(saving["status"] == word for saving in savings),
            display.amount(now.by_status[word]),
            display.percent(now.by_status[word], now.total),
            display.amount(then.by_status[word]),
        )
        for word in words
    ]
    total = StatusRow(
        status_tag(""), len(savings), display.amount(now.total), "", display.amount(then.total)
    )
    return [*rows, total]


def _before(facts: ReportFacts) -> list[dict]:
    """The savings of the previous report: those that still count, and those that left."""
    stayed = [saving["previous"] for saving in savings_of(facts) if saving["previous"]]
    return [*stayed, *left_of(facts)]


def _changes(facts: ReportFacts, display: Display, names: dict[str, str]) -> Iterator[ChangeRow]:
    """The largest falls of a forecast first, then rises, then what else changed."""
    found = []
    for saving in savings_of(facts):
        if words := list(_change_words(saving, names)):
            fall = _fall(saving)
            row = ChangeRow(saving["reference"], saving["title"], True, words, display.sense(fall))
            found.append((-abs(fall) if fall > 0 else 1, -abs(fall), row))
    yield from (row for *_, row in sorted(found, key=lambda each: each[:2]))
    for row in left_of(facts):
        by = row["replaced_by"]
        why = f"replaced by {by}" if by else "no longer in the register"
        words = [f"{why}; {plain_pounds(row['agreed'])} was agreed"]
        yield ChangeRow(row["reference"], row["title"], False, words, "")


def _fall(saving: dict) -> int:
    """By how much the forecast fell since the last report; negative where it rose."""
    before = saving["previous"]
    if before is None or before["forecast"] is None or saving["forecast"] is None:
        return 0
    return before["forecast"] - saving["forecast"]


def _change_words(saving: dict, names: dict[str, str]) -> Iterator[str]:
    before = saving["previous"]
    if before is None:
        replaced = ", ".join(each["reference"] for each in saving["replaces"])
        yield f"new: it replaces {replaced}" if replaced else "new in the register"
        return
    if before["status"] != saving["status"]:
        yield f"{before['status'] or 'no status'} → {saving['status'] or 'no status'}"
    yield from _forecast_words(before["forecast"], saving["forecast"])
    if before["agreed"] != saving["agreed"]:
        was, now = plain_pounds(before["agreed"]), plain_pounds(saving["agreed"])
        yield f"agreed {was} → {now}"
    if before["service"] != saving["service"]:
        yield f"moved from {before['service_name']} to {names[saving['home']]}"


def _forecast_words(before: int | None, now: int | None) -> Iterator[str]:
    if before == now:
        return
    if before is None:
        yield f"forecast for the first time: {plain_pounds(now)}"
    elif now is None:
        yield f"no longer forecast; it was {plain_pounds(before)}"
    else:
        yield f"forecast {plain_pounds(before)} → {plain_pounds(now)}"


def _risk_text(risky: list[dict], number: int, display: Display) -> str:
    short = display.in_words(sum(shortfall_of(saving) for saving in risky))
    fall = "saving falls" if len(risky) == 1 else "savings fall"
    text = f"{len(risky)} {fall} short of what was agreed, by {short} in all."
    if number >= CLOSE:
        return f"{text} The year is closed."
    left = _MONTHS - min(number, _MONTHS)
    months = {0: "No month", 1: "1 month"}.get(left, f"{left} months")
    return f"{text} {months} of the year {'is' if left < 2 else 'are'} left to make it up."
