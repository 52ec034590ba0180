"""A layout in plain sentences: where each column comes from, and what is done to the rows. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.layout_data import LayoutSpec, Split
from council_finance.uploads.step_data import AddColumns, Step, TakeParts, TurnColumns
from council_finance.uploads.units import UNIT_LABELS


@dataclass(frozen=True)
class ColumnWords:
    """A column that a layout fills: its label, its source, and unit and sign of an amount."""

    label: str
    source: str
    unit: str = ""
    sign: str = ""


@dataclass(frozen=True)
class LayoutWords:
    """A layout in words: its columns, its steps in their order, and its other rules."""

    columns: list[ColumnWords]
    steps: list[str]
    rules: list[str]


def describe_layout(layout: LayoutSpec, specs: Sequence[ColumnSpec]) -> LayoutWords:
    """Return a layout in words, its columns in the order of the product's columns `specs`."""
    sources = dict(_describe_sources(layout))
    columns = [
        ColumnWords(
            label_of(spec.name),
            sources[spec.name],
            _describe_unit(layout, spec.name) if spec.kind == AMOUNT else "",
            _describe_sign(layout, spec.name) if spec.kind == AMOUNT else "",
        )
        for spec in specs
        if spec.name in sources
    ]
    steps = [step.in_words for step in layout.steps]
    return LayoutWords(columns, steps, list(_describe_rules(layout)))


def label_of(column: str) -> str:
    """Return a column's name as a reader sees it: `Current budget` for `current_budget`."""
    return column.replace("_", " ").capitalize()


def _describe_sources(layout: LayoutSpec) -> Iterator[tuple[str, str]]:
    for heading, own in layout.columns.items():
        yield own, f"“{heading}”"
    for own, value in layout.fixed.items():
        yield own, f"“{value}” in every row"
    for split in layout.splits:
        for number, own in enumerate(split.into):
            yield own, _describe_split(split, number)
    for rule in layout.debit_credits:
        yield rule.own, f"“{rule.debit}” less “{rule.credit}”"
    for step in layout.steps:
        yield from _describe_made_columns(step)


def _describe_split(split: Split, number: int) -> str:
    if split.separator:
        return f"Part {number + 1} of “{split.heading}”, split at “{split.separator}”"
    first = sum(split.lengths[:number]) + 1
    last = first + split.lengths[number] - 1
    which = f"Character {first}" if first == last else f"Characters {first} to {last}"
    return f"{which} of “{split.heading}”"


def _describe_made_columns(step: Step) -> Iterator[tuple[str, str]]:
    if isinstance(step, TakeParts):
        for own, part in step.into.items():
            yield own, f"Part {part} of “{step.column}”, split at “{step.separator}”"
    elif isinstance(step, AddColumns):
        until = ", up to the period" if step.to_period else ""
        yield step.into, f"“{step.columns[0]}” to “{step.columns[-1]}” added up{until}"
    elif isinstance(step, TurnColumns):
        yield step.headings_into, "The headings of the columns that are turned into rows"
        yield step.figures_into, "The figures of the columns that are turned into rows"


def _describe_unit(layout: LayoutSpec, own: str) -> str:
    return UNIT_LABELS[layout.units[own]] if own in layout.units else "As the file states"


def _describe_sign(layout: LayoutSpec, own: str) -> str:
    says = ["CR is negative"] if own in layout.suffix else []
    says += ["reversed"] if own in layout.reverse else []
    says += ["reversed for accounts of income"] if layout.income_positive_accounts else []
    return ", ".join(says).capitalize().replace("Cr is", "CR is") or "As in the file"


def _describe_rules(layout: LayoutSpec) -> Iterator[str]:
    if layout.sheet:
        yield f"Reads the sheet “{layout.sheet}” of a workbook."
    if layout.header_rows > 1:
        yield f"Takes the headings from {layout.header_rows} rows together."
    if layout.income_positive_accounts:
        patterns = " or ".join(f"“{each.pattern}”" for each in layout.income_positive_accounts)
        yield (
            "Reverses the amounts of accounts of income, which the ledger prints as positive: "
            f"those that match {patterns}."
        )
    if layout.round_to_penny:
        yield "Rounds figures with more than two decimals to the penny, and says by how much."
    if layout.skip_starts_with:
        texts = " or ".join(f"“{text}”" for text in layout.skip_starts_with)
        yield f"Leaves out rows whose first filled cell begins with {texts}."
    if layout.skip_blank_codes:
        yield "Leaves out rows without any code that are not totals."
    if layout.skip_unheaded_columns:
        yield "Leaves out columns without a heading."
