"""Agreed savings by status: by service, and by the decision that agreed them (Somerset)."""

from collections.abc import Container, Iterator

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.selectors.facts import ReportFacts
from monitoring.statements.rows import with_rounding_note
from savings.calculations import Agreed, Block, by_decision, combined, statuses_in_use
from savings.rules import statuses
from savings.selectors.reading import labels, savings_of, services_of

SUMMARY, BY_DECISION = "savings-summary", "savings-by-decision"
TITLES = {SUMMARY: "Savings by service", BY_DECISION: "Savings by decision"}
ALL = "All combined"
UNDECIDED = "Decision not given"
NONE = "The register holds no savings for this period."


@registry.statement(SUMMARY, title=TITLES[SUMMARY])
def savings_summary(facts: ReportFacts) -> Statement:
    """Per service what was agreed, and how much of it has which status."""
    savings = savings_of(facts)
    block = combined(savings, _statuses(facts), services_of(facts))
    rows = tuple(_block_rows("", block, labels(facts), facts.display(SUMMARY))) if savings else ()
    return _statement(SUMMARY, facts, rows)


@registry.statement(BY_DECISION, title=TITLES[BY_DECISION], after=SUMMARY)
def savings_by_decision(facts: ReportFacts) -> Statement:
    """The same, decision by decision, and all combined (Somerset, Appendix B)."""
    savings, services = savings_of(facts), services_of(facts)
    rows = tuple(_decision_rows(facts, savings, services)) if savings else ()
    return _statement(BY_DECISION, facts, rows)


def _statuses(facts: ReportFacts) -> tuple[str, ...]:
    return statuses_in_use(savings_of(facts), statuses(facts.settings))


def _statement(name: str, facts: ReportFacts, rows: tuple[Row, ...]) -> Statement:
    display, words = facts.display(name), _statuses(facts)
    unit = display.unit_label
    parts = tuple((_key(word), 1) for word in words)
    return with_rounding_note(
        Statement(
            name=name,
            title=TITLES[name],
            header=facts.header,
            display=display,
            columns=(
                Column("agreed", "Agreed savings", unit),
                *(Column(_key(word), word, unit) for word in words),
            ),
            rows=rows,
            footnotes=() if rows else (Footnote("", NONE),),
            cross_casts=(CrossCast("agreed", parts),) if parts else (),
        )
    )


def _key(status: str) -> str:
    return status.lower()


def _decision_rows(facts: ReportFacts, savings: list[dict], services: list[str]) -> Iterator[Row]:
    blocks = by_decision(savings, _statuses(facts), services)
    names, display = labels(facts), facts.display(BY_DECISION)
    for number, block in enumerate(blocks, start=1):
        yield Row(str(number), block.decision or UNDECIDED, "heading")
        yield from _block_rows(f"{number}:", block, names, display)
    yield Row("all", ALL, "heading")
    parts = {
        service: tuple(f"{number}:{service}" for number in range(1, len(blocks) + 1))
        for service in services
    }
    whole = combined(savings, _statuses(facts), services)
    yield from _block_rows("all:", whole, names, display, parts)


def _block_rows(
    prefix: str, block: Block, names: dict[str, str], display: Display, parts: dict | None = None
) -> Iterator[Row]:
    """Services, total and percentages; `parts` are the rows that each service's row adds up."""
    level = 1 if prefix else 0
    for service, sums in block.services.items():
        sum_of = parts[service] if parts else ()
        cells = _amounts(sums, display)
        yield Row(f"{prefix}{service}", names[service], "service", cells, level, sum_of)
    keys = tuple(f"{prefix}{service}" for service in block.services)
    prefix = prefix or "savings:"
    total, percent = (_own_key(f"{prefix}{name}", keys) for name in ("total", "percent"))
    yield Row(total, "Total", "total", _amounts(block.total, display), sum_of=keys)
    percents = _percents(block.total, display)
    yield Row(percent, "Percentage of agreed savings", "percent", percents)


def _own_key(key: str, services: Container[str]) -> str:
    """The key of a row that is no service's: another one where a service's row has it."""
    while key in services:
        key = f"{key}:"
    return key


def _amounts(sums: Agreed, display: Display) -> dict[str, Cell]:
    pence = {"agreed": sums.total} | {_key(word): sum_ for word, sum_ in sums.by_status.items()}
    return {key: Cell.of_amount(amount, display) for key, amount in pence.items()}


def _percents(sums: Agreed, display: Display) -> dict[str, Cell]:
    """What has each status, of the agreed total."""
    return {"agreed": BLANK} | {
        _key(word): Cell.of_percent(pence, sums.total, display)
        for word, pence in sums.by_status.items()
    }
