"""Planned use of a line in words: how much, where it comes from, and what pays for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from council_finance import registry
from council_finance.periods import period_name
from monitoring.ledger.selectors.typed_amounts import FIELDS, PLANNED_USE_LABELS
from monitoring.reports.selectors.node_lines import LineFigures
from monitoring.structure.models import FinancialYear

_SOURCES = {"typed": "entered by hand", "file": "ledger’s file", "none": "nil"}


@dataclass(frozen=True)
class PlannedUse:
    """Planned use of one line and measure, in pence; `source` says where it comes from."""

    figures: LineFigures
    label: str
    pence: int
    source: str


def may_have_planned_use(figures: LineFigures) -> bool:
    """Return False where a line surely has none: nothing was given, typed or tied."""
    given = (getattr(figures.position, FIELDS[measure]) for measure in PLANNED_USE_LABELS)
    return bool(figures.entries or figures.ties or any(given))


def planned_use_of(lines: Iterable[LineFigures], year: FinancialYear) -> list[PlannedUse]:
    """Return the planned use of each line, of reserves and of capital receipts."""
    return list(_describe_lines(list(lines), year))


def _describe_lines(lines: list[LineFigures], year: FinancialYear) -> Iterable[PlannedUse]:
    tied = {measure for each in lines for measure in PLANNED_USE_LABELS if each.tied_to(measure)}
    purposes = {measure: registry.planned_use_purposes(measure, year) for measure in tied}
    for figures in lines:
        for measure, label in PLANNED_USE_LABELS.items():
            source = _describe_source(figures, measure, purposes.get(measure, {}))
            yield PlannedUse(figures, label, figures.planned(measure), source)


def _describe_source(
    figures: LineFigures, measure: str, purposes: Mapping[str, registry.PlannedUsePurpose]
) -> str:
    """Describe where a line's planned use comes from, and which reserve or project pays."""
    source, carried_from = (
        figures.planned_source(measure),
        figures.position.planned_use_carried_from,
    )
    words = _SOURCES.get(source, "")
    if source == "typed" and figures.entries[measure].source_id is not None:
        words = "from a file of forecasts"
    if source == "carried" and carried_from is not None:
        words = f"carried forward from {period_name(carried_from).lower()}"
    code = figures.tied_to(measure)
    if not code:
        return words
    name = purposes[code].label if code in purposes else "no longer there"
    return f"{words}, tied to {code} ({name})"
