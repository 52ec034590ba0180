"""The activity of a period as a sheet to fill in: the text of each cell, and the last report."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass

from council_finance.money import exact_pounds, plain_pounds
from council_finance.quantities import plain_quantity
from council_finance.statements.display import NOT_GIVEN
from monitoring.models import Period
from performance.activity.models import ActivityPosition
from performance.activity.report_rows import ActivityFigures, LineRow
from performance.activity.report_section import activity_section
from performance.activity.rules import product_of, round_pence
from performance.activity.selectors.stored import figures_version, lines_in_groups, positions_of
from performance.activity.words import plain_volume

CELLS = {
    "volume": "volume",
    "average": "average_volume",
    "cost": "unit_cost_pence",
    "forecast": "forecast_pence",
}
"""The cells of a line, and the fields that they are stored in."""

VOLUME_CELLS = ("volume", "average")


@dataclass(frozen=True)
class EntryRow:
    """A line of the sheet: `saved` are its cells as stored, `texts` those or what was sent.

    `seen` is the digest of the stored figures that the person saw, `shown` that of its cells as the
    page was sent out. `product` is volume × unit cost × units a year of what is stored, and
    `difference` the forecast less that.
    """

    pk: int
    reference: str
    name: str
    group: str
    has_volume: bool
    takes_unit_cost: bool
    budget_volume: str
    budget: str
    was_volume: str
    was_forecast: str
    texts: dict[str, str]
    saved: dict[str, str]
    product: str
    difference: str
    seen: str
    shown: str
    fault: str = ""
    clash: str = ""


def entry_sheet(period: Period, groups: Container[str]) -> list[EntryRow]:
    """Return the lines of some groups (codes), each with what is stored of it in the period."""
    section = activity_section(period)
    drafted = {line.reference: line for line in section.lines}
    names = {group.code: group.name for group in section.groups}
    stored = positions_of(period)
    return [
        _build_row(line.pk, drafted[line.reference], names[line.group.code], stored.get(line.pk))
        for line in lines_in_groups(period.year, groups)
    ]


def _build_row(pk: int, line: LineRow, group: str, position: ActivityPosition | None) -> EntryRow:
    texts = cell_texts(position)
    before = line.previous or ActivityFigures()
    product, difference = _compare_product(line)
    return EntryRow(
        pk=pk,
        reference=line.reference,
        name=line.name,
        group=group,
        has_volume=line.has_volume,
        takes_unit_cost=line.has_volume and not line.derives_unit_cost,
        budget_volume=_print_volume(line.budget_volume),
        budget=NOT_GIVEN if line.budget is None else plain_pounds(line.budget),
        was_volume=_print_volume(before.volume),
        was_forecast=NOT_GIVEN if before.forecast is None else plain_pounds(before.forecast),
        texts=texts,
        saved=texts,
        product=product,
        difference=difference,
        seen=figures_version(position),
        shown=cells_digest(texts),
    )


def _compare_product(line: LineRow) -> tuple[str, str]:
    """Return volume × unit cost × units a year in pounds, and the forecast less it.

    The volume is the one that the cost follows, and a worked-out unit cost is no comparison.
    """
    if not line.has_volume or line.derives_unit_cost:
        return NOT_GIVEN, NOT_GIVEN
    product = product_of(line.volume_of(line.now), line.unit_cost, line.units)
    if product is None:
        return NOT_GIVEN, NOT_GIVEN
    pence = round_pence(product)
    if line.forecast is None:
        return plain_pounds(pence), NOT_GIVEN
    return plain_pounds(pence), plain_pounds(line.forecast - pence)


def _print_volume(quantity: int | None) -> str:
    return NOT_GIVEN if quantity is None else plain_volume(quantity)


def cell_texts(position: ActivityPosition | None) -> dict[str, str]:
    """Return the text of each cell of a line, as stored."""
    return {cell: _text_of(cell, getattr(position, name, None)) for cell, name in CELLS.items()}


def _text_of(cell: str, value: int | None) -> str:
    if value is None:
        return ""
    return plain_quantity(value) if cell in VOLUME_CELLS else exact_pounds(value)


def cells_digest(texts: Mapping[str, str]) -> str:
    """Return a digest of the cells of a line, by which a page notices that one was changed."""
    joined = "\x1f".join(texts.get(cell, "") for cell in CELLS)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def describe_clash(position: ActivityPosition | None) -> str:
    """Return in a sentence who stored which figures meanwhile."""
    if position is None:
        return "A colleague or a file removed these figures meanwhile."
    who = position.written_by.name if position.written_by else "A file"
    labels = {"volume": "volume", "average": "average", "cost": "unit cost", "forecast": "forecast"}
    texts = cell_texts(position)
    figures = [f"{label} {texts[cell]}" for cell, label in labels.items() if texts[cell]]
    return f"{who} saved meanwhile: {', '.join(figures) or 'no figures'}."
