"""The overview of a report's savings: what was achieved, what changed, and what is at risk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from council_finance import registry
from council_finance.key_figures import KeyFigure
from council_finance.periods import CLOSE
from council_finance.statements import Display, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from savings.calculations import (
    AgreedAmount,
    TrackerTotals,
    agreed_by_status,
    statuses_in_use,
    tracker_totals,
)
from savings.report_rows import PreviousSaving, RemovedSaving, SavingRow
from savings.rules import statuses
from savings.selectors.printed_rows import PrintedSaving, StatusTag, print_saving, status_tag
from savings.selectors.report_savings import removed_from, savings_of, service_names

SHOWN = 10
_MONTHS = 12


@dataclass(frozen=True)
class StatusRow:
    """A status: the number of its savings, their agreed total, and that in the last report."""

    status: StatusTag
    count: int
    agreed: str
    percent: str
    before: str


@dataclass(frozen=True)
class ChangeRow:
    """The changes of a saving since the last report; `counts` says that it is still in force.

    `sense` is that of its forecast: less than before is adverse.
    """

    reference: str
    title: str
    counts: bool
    words: list[str]
    sense: str


@dataclass(frozen=True)
class SavingsOverview:
    """The contents of the overview of savings; amounts as they are printed."""

    sentence: str
    stats: list[KeyFigure]
    statuses: list[StatusRow]
    status_total: StatusRow
    compared: bool
    changes: list[ChangeRow]
    more_changes: list[ChangeRow]
    at_risk: list[PrintedSaving]
    at_risk_count: int
    at_risk_text: str
    unreported: int


def savings_overview(facts: ReportData) -> SavingsOverview:
    """Return the overview of a report's savings, or of those left by `limit_to_services`."""
    savings, display = savings_of(facts), savings_display(facts)
    totals = tracker_totals(savings)
    short = sorted(
        (saving for saving in savings if saving.is_short),
        key=lambda saving: (-(saving.shortfall or 0), saving.reference),
    )
    names = service_names(facts)
    rows = _status_rows(facts, display)
    changes = list(_list_changes(facts, display, names))
    return SavingsOverview(
        sentence=_summary_sentence(totals, display),
        stats=_key_figures(totals, display),
        statuses=rows[:-1],
        status_total=rows[-1],
        compared=any(saving.previous for saving in savings) or bool(removed_from(facts)),
        changes=changes[:SHOWN],
        more_changes=changes[SHOWN:],
        at_risk=[print_saving(saving, display, names) for saving in short[:SHOWN]],
        at_risk_count=len(short),
        at_risk_text=_risk_text(short, facts.period.number, display),
        unreported=totals.unforecast,
    )


def savings_display(facts: ReportData) -> Display:
    """Return the unit and rounding of pages about savings: those of the council's summary."""
    return facts.display("savings-summary")


def savings_statement(facts: ReportData, name: str, *, partly: bool) -> Statement:
    """Return a statement of savings; `partly` makes it of the part of a draft in `facts` alone."""
    if partly:
        return registry.statement_entry(name).make(facts)
    return statement(facts, name)


def _summary_sentence(totals: TrackerTotals, display: Display) -> str:
    if totals.forecast is None or totals.variance is None:
        agreed = display.in_words(totals.agreed)
        return f"Savings of {agreed} were agreed; none has a forecast yet."
    known = totals.forecast_agreed
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


def _key_figures(totals: TrackerTotals, display: Display) -> list[KeyFigure]:
    def in_words(pence: int | None) -> str:
        return "–" if pence is None else display.in_words(pence)

    sense = display.sense(totals.variance)
    word = {"adverse": "shortfall", "favourable": "more than agreed"}.get(sense, "")
    shortfall = None if totals.variance is None else abs(totals.variance)
    left = totals.unforecast
    note = f"{left} saving{'s' if left > 1 else ''} left out, without a forecast" if left else ""
    return [
        KeyFigure("Agreed", in_words(totals.agreed)),
        KeyFigure("Forecast", in_words(totals.forecast)),
        KeyFigure("Against what was agreed", in_words(shortfall), sense, word, note),
        KeyFigure("Delivered to date", in_words(totals.delivered)),
    ]


def _status_rows(facts: ReportData, display: Display) -> list[StatusRow]:
    """Return a row for each status and, last, their total."""
    savings, before = savings_of(facts), _previous_savings(facts)
    both: list[AgreedAmount] = [*savings, *before]
    words = statuses_in_use(both, statuses(facts.settings))
    now, then = agreed_by_status(savings, words), agreed_by_status(before, words)
    rows = [
        StatusRow(
            status_tag(word),
            sum(saving.status == word for saving in savings),
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


def _previous_savings(facts: ReportData) -> list[PreviousSaving | RemovedSaving]:
    """Return the savings of the previous report: those that still count, and those removed."""
    stayed = [saving.previous for saving in savings_of(facts) if saving.previous]
    return [*stayed, *removed_from(facts)]


def _list_changes(
    facts: ReportData, display: Display, names: dict[str, str]
) -> Iterator[ChangeRow]:
    """Yield the largest falls of a forecast first, then rises, then other changes."""
    found = []
    for saving in savings_of(facts):
        if words := list(_describe_changes(saving, names, display)):
            fall = saving.fall_of_forecast
            row = ChangeRow(saving.reference, saving.title, True, words, display.sense(fall))
            found.append((-abs(fall) if fall > 0 else 1, -abs(fall), row))
    yield from (row for *_, row in sorted(found, key=lambda each: each[:2]))
    for removed in removed_from(facts):
        by = removed.replaced_by
        why = f"replaced by {by}" if by else "no longer in the register"
        (agreed,) = display.distinct_words(removed.agreed)
        words = [f"{why}; {agreed} was agreed"]
        yield ChangeRow(removed.reference, removed.title, False, words, "")


def _describe_changes(saving: SavingRow, names: dict[str, str], display: Display) -> Iterator[str]:
    before = saving.previous
    if before is None:
        replaced = ", ".join(each.reference for each in saving.replaces)
        yield f"new: it replaces {replaced}" if replaced else "new in the register"
        return
    if before.status != saving.status:
        yield f"{before.status or 'no status'} → {saving.status or 'no status'}"
    yield from _describe_forecast_change(before.forecast, saving.forecast, display)
    if before.agreed != saving.agreed:
        yield f"agreed {' → '.join(display.distinct_words(before.agreed, saving.agreed))}"
    if before.service != saving.service:
        yield f"moved from {before.service_name} to {names[saving.home]}"


def _describe_forecast_change(
    before: int | None, now: int | None, display: Display
) -> Iterator[str]:
    if before is None and now is not None:
        yield f"forecast for the first time: {display.distinct_words(now)[0]}"
    elif before is not None and now is None:
        yield f"no longer forecast; it was {display.distinct_words(before)[0]}"
    elif before is not None and now is not None and before != now:
        yield f"forecast {' → '.join(display.distinct_words(before, now))}"


def _risk_text(short: Sequence[SavingRow], number: int, display: Display) -> str:
    amount = display.in_words(sum(saving.shortfall or 0 for saving in short))
    fall = "saving falls" if len(short) == 1 else "savings fall"
    text = f"{len(short)} {fall} short of what was agreed, by {amount} in all."
    if number >= CLOSE:
        return f"{text} The year is closed."
    left = _MONTHS - min(number, _MONTHS)
    months = {0: "No month", 1: "1 month"}.get(left, f"{left} months")
    return f"{text} {months} of the year {'is' if left < 2 else 'are'} left to make it up."
