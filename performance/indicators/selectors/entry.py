"""The indicators of a period as a sheet to fill in: the text of each cell, and what follows."""

from dataclasses import dataclass

from council_finance.quantities import decimals_needed, print_quantity
from monitoring.models import Period
from monitoring.people.rights import Reach
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.forms import ALL_CELLS, NUMBER_CELLS, digest_of
from performance.indicators.models import Direction, IndicatorValue
from performance.indicators.printing import DIRECTION_WORDS
from performance.indicators.rights import may_maintain
from performance.indicators.selectors.printed_rows import PrintedIndicator, print_row
from performance.indicators.selectors.register import register, values_in
from performance.indicators.selectors.report_indicators import section_of
from performance.indicators.services import value_version
from performance.indicators.settings_tables import performance_scheme, statuses_to_declare


@dataclass(frozen=True)
class EntryRow:
    """An indicator of the sheet: `saved` are its cells as stored, `texts` those or what was sent.

    `seen` is the version of the stored value, `shown` its cells as the page was sent out: by them
    saving notices who changed what. `worked_out` and `direction` follow from the stored figures.
    """

    pk: int
    printed: PrintedIndicator
    texts: dict[str, str]
    saved: dict[str, str]
    seen: str
    shown: str
    worked_out: str
    direction: str
    fault: str = ""


@dataclass(frozen=True)
class EntrySheet:
    """The indicators that a person enters, and the words that they choose from."""

    rows: list[EntryRow]
    statuses: list[tuple[str, str]]
    directions: list[tuple[str, str]]


def entry_sheet(period: Period, facts: ReportData, within: Reach) -> EntrySheet:
    """Return the period's indicators that belong to the services of a person."""
    stored = values_in(period)
    label = performance_scheme(facts.settings).label
    rows = []
    for indicator in register(period.year):
        row = section_of(facts).find(indicator.reference)
        if row is None or not may_maintain(within, indicator):
            continue
        value = stored.get(indicator.pk)
        texts = cell_texts(value)
        printed = print_row(row, facts)
        rows.append(
            EntryRow(
                pk=indicator.pk,
                printed=printed,
                texts=texts,
                saved=texts,
                seen=value_version(value),
                shown=digest_of(texts),
                worked_out=label(row.derived),
                direction=DIRECTION_WORDS[row.derived_direction],
            )
        )
    words = statuses_to_declare(facts.settings)
    return EntrySheet(
        rows,
        [(word, label(word)) for word in words],
        [(each.value, each.label) for each in Direction],
    )


def cell_texts(value: IndicatorValue | None) -> dict[str, str]:
    """Return the text of each cell of a value, as stored."""
    if value is None:
        return dict.fromkeys(ALL_CELLS, "")
    texts = {cell: str(getattr(value, cell) or "") for cell in ALL_CELLS}
    return texts | {cell: _number_text(getattr(value, cell)) for cell in NUMBER_CELLS}


def _number_text(number: int | None) -> str:
    return "" if number is None else print_quantity(number, decimals_needed(number))
