"""Agreed savings by status: by service, and by the decision that agreed them (Somerset)."""

from collections.abc import Container, Iterator, Mapping

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from savings.calculations import (
    AgreedTotals,
    DecisionTotals,
    combined_totals,
    statuses_in_use,
    totals_by_decision,
)
from savings.rules import statuses
from savings.selectors.report_savings import (
    savings_of,
    service_names,
    services_with_savings,
)

SUMMARY, BY_DECISION = "savings-summary", "savings-by-decision"
TITLES = {SUMMARY: "Savings by service", BY_DECISION: "Savings by decision"}
ALL = "All combined"
UNDECIDED = "Decision not given"
NONE = "The register holds no savings for this period."


@registry.statement(SUMMARY, title=TITLES[SUMMARY])
def savings_summary(facts: ReportData) -> Statement:
    """Return the savings agreed for each service, and the amount that has each status."""
    rows = tuple(_service_rows(facts)) if savings_of(facts) else ()
    return _build_statement(SUMMARY, facts, rows)


@registry.statement(BY_DECISION, title=TITLES[BY_DECISION], after=SUMMARY)
def savings_by_decision(facts: ReportData) -> Statement:
    """Return the same for each decision, and for all combined (Somerset, Appendix B)."""
    rows = tuple(_decision_rows(facts)) if savings_of(facts) else ()
    return _build_statement(BY_DECISION, facts, rows)


def _list_statuses(facts: ReportData) -> tuple[str, ...]:
    return statuses_in_use(savings_of(facts), statuses(facts.settings))


def _build_statement(name: str, facts: ReportData, rows: tuple[Row, ...]) -> Statement:
    display, words = facts.display(name), _list_statuses(facts)
    unit = display.unit_label
    parts = tuple((_column_key(word), 1) for word in words)
    return with_rounding_note(
        Statement(
            name=name,
            title=TITLES[name],
            header=facts.header,
            display=display,
            columns=(
                Column("agreed", "Agreed savings", unit),
                *(Column(_column_key(word), word, unit) for word in words),
            ),
            rows=rows,
            footnotes=() if rows else (Footnote("", NONE),),
            cross_casts=(CrossCast("agreed", parts),) if parts else (),
        )
    )


def _column_key(status: str) -> str:
    return status.lower()


def _service_rows(facts: ReportData) -> Iterator[Row]:
    totals = combined_totals(savings_of(facts), _list_statuses(facts), services_with_savings(facts))
    return _rows_of_totals("", totals, service_names(facts), facts.display(SUMMARY))


def _decision_rows(facts: ReportData) -> Iterator[Row]:
    savings, services = savings_of(facts), services_with_savings(facts)
    blocks = totals_by_decision(savings, _list_statuses(facts), services)
    names, display = service_names(facts), facts.display(BY_DECISION)
    for number, block in enumerate(blocks, start=1):
        yield Row(str(number), block.decision or UNDECIDED, "heading")
        yield from _rows_of_totals(f"{number}:", block, names, display)
    yield Row("all", ALL, "heading")
    parts = {
        service: tuple(f"{number}:{service}" for number in range(1, len(blocks) + 1))
        for service in services
    }
    whole = combined_totals(savings, _list_statuses(facts), services)
    yield from _rows_of_totals("all:", whole, names, display, parts)


def _rows_of_totals(
    prefix: str,
    totals: DecisionTotals,
    names: Mapping[str, str],
    display: Display,
    parts: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Row]:
    """Yield services, total and percentages; `parts` are the rows that each service adds up."""
    level = 1 if prefix else 0
    for service, sums in totals.services.items():
        sum_of = parts[service] if parts else ()
        cells = _amount_cells(sums, display)
        yield Row(f"{prefix}{service}", names[service], "service", cells, level, sum_of)
    keys = tuple(f"{prefix}{service}" for service in totals.services)
    prefix = prefix or "savings:"
    total, percent = (_unused_key(f"{prefix}{name}", keys) for name in ("total", "percent"))
    yield Row(total, "Total", "total", _amount_cells(totals.total, display), sum_of=keys)
    percents = _percent_cells(totals.total, display)
    yield Row(percent, "Percentage of agreed savings", "percent", percents)


def _unused_key(key: str, services: Container[str]) -> str:
    """Return a row key that no service's row has: a service may have the code `savings:total`."""
    while key in services:
        key = f"{key}:"
    return key


def _amount_cells(sums: AgreedTotals, display: Display) -> dict[str, Cell]:
    pence = {"agreed": sums.total}
    pence |= {_column_key(word): agreed for word, agreed in sums.by_status.items()}
    return {key: Cell.of_amount(amount, display) for key, amount in pence.items()}


def _percent_cells(sums: AgreedTotals, display: Display) -> dict[str, Cell]:
    """Return the share of the agreed total that has each status."""
    return {"agreed": BLANK} | {
        _column_key(word): Cell.of_percent(pence, sums.total, display)
        for word, pence in sums.by_status.items()
    }
