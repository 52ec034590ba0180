"""Read a saved layout, which maps a council's ledger export to the product's columns. Pure.

sheet                       the workbook's sheet
header_rows                 the number of heading rows (1)
[[steps]]                   changes made to the rows first; see `step_reader.read_steps`
[columns]                   "heading in the file" = "own_column"
[fixed]                     own_column = "value of every row"
[split."heading"]           into = ["cost_centre", "account"], and
                            separator = "-" or lengths = [4, 5]
[debit_credit.own_column]   debit = "heading", credit = "heading": debit less credit
[suffix]                    columns = [own columns whose figures say DR or CR]: CR is negative
[sign]                      reverse = [own columns], or income_positive_accounts = [regular
                            expressions of accounts whose amounts are all reversed]
[units]                     own_column = "pounds", "k", "m" or "bn"
round_to_penny              true: more decimals, as formulas leave them, are rounded
[skip]                      starts_with = ["Subtotal"], blank_codes = true,
                            unheaded_columns = true (they hold nothing that is needed)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from council_finance.uploads import columns as kinds
from council_finance.uploads.columns import ColumnSpec, normalised
from council_finance.uploads.step_data import (
    AddColumns,
    AddUp,
    NameColumn,
    ReverseSign,
    Step,
)
from council_finance.uploads.step_reader import read_steps
from council_finance.uploads.units import UNITS

MOST_HEADER_ROWS = 5
_KEYS = (
    "sheet",
    "header_rows",
    "steps",
    "columns",
    "fixed",
    "split",
    "debit_credit",
    "suffix",
    "sign",
    "units",
    "round_to_penny",
    "skip",
)
_OWN = re.compile(r"[a-z][a-z0-9_]*|\d{4}/\d{2}")
"""A column of the product, or a year that heads one."""


class LayoutError(ValueError):
    """A layout that cannot be used; `sentences` are its faults."""

    def __init__(self, *sentences: str):
        self.sentences = list(sentences)
        super().__init__("\n".join(sentences))


@dataclass(frozen=True)
class Split:
    """A column of the file that holds several own columns, by a separator or by lengths."""

    heading: str
    into: tuple[str, ...]
    separator: str = ""
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class DebitCredit:
    """An own amount column that the file has as two: debit less credit."""

    own: str
    debit: str
    credit: str


@dataclass(frozen=True)
class LayoutSpec:
    """The specification by which a file is read: headings, columns, steps, signs and units.

    The docstring of this module describes each of them. A saved layout holds them as plain data.
    """

    sheet: str = ""
    header_rows: int = 1
    steps: tuple[Step, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    splits: tuple[Split, ...] = ()
    debit_credits: tuple[DebitCredit, ...] = ()
    suffix: frozenset[str] = frozenset()
    reverse: frozenset[str] = frozenset()
    income_positive_accounts: tuple[re.Pattern, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    round_to_penny: bool = False
    skip_starts_with: tuple[str, ...] = ()
    skip_blank_codes: bool = False
    skip_unheaded_columns: bool = False

    @property
    def headings(self) -> list[str]:
        """Return the headings that the file must have, without columns that a step names.

        A step may read a heading of the file and make a column of the same name of it.
        """
        read, known = list[str](), {normalised(name) for name in self._named_columns}
        for step in self.steps:
            read += [each for each in step.reads if normalised(each) not in known]
            known |= {normalised(own) for own in step.makes}
        read = [*(each for each in self.used if normalised(each) not in known), *read]
        once = {normalised(heading): heading for heading in reversed(read)}
        return [once[key] for key in dict.fromkeys(map(normalised, read))]

    @property
    def used(self) -> list[str]:
        """Return the headings that the layout reads columns from, without those of its steps."""
        pairs = [heading for rule in self.debit_credits for heading in (rule.debit, rule.credit)]
        return [*self.columns, *(split.heading for split in self.splits), *pairs]

    @property
    def _named_columns(self) -> list[str]:
        """Return the names that the steps of the layout give to columns of the file."""
        return [step.name for step in self.steps if isinstance(step, NameColumn)]

    @property
    def add_up(self) -> AddUp | None:
        """Return the step that adds rows up, which is the last; None where there is none."""
        last = self.steps[-1] if self.steps else None
        return last if isinstance(last, AddUp) else None

    @property
    def made(self) -> list[str]:
        """Return the own columns that the layout fills; one filled twice is listed twice."""
        parts = [own for split in self.splits for own in split.into]
        pairs = [rule.own for rule in self.debit_credits]
        stepped = [own for step in self.steps for own in step.makes]
        return [*self.fixed, *self.columns.values(), *parts, *pairs, *stepped]


def read_layout(data: Mapping) -> LayoutSpec:
    """Return the layout of a mapping from TOML or JSON. Raises LayoutError with every fault."""
    reader = _Reader()
    if not isinstance(data, Mapping):
        raise LayoutError("A layout must be a table of keys and values.")
    reader.known(data, _KEYS, "a layout")
    skip = reader.table(data, "skip", ("starts_with", "blank_codes", "unheaded_columns"))
    sign = reader.table(data, "sign", ("reverse", "income_positive_accounts"))
    suffix = reader.table(data, "suffix", ("columns",))
    layout = LayoutSpec(
        sheet=reader.text(data, "sheet", ""),
        header_rows=reader.header_rows(data),
        steps=read_steps(data.get("steps", ()), reader.faults),
        columns=reader.columns(data),
        fixed=reader.fixed(data),
        splits=reader.splits(data),
        debit_credits=reader.debit_credits(data),
        suffix=frozenset(reader.texts(suffix, "columns", "[suffix] ")),
        reverse=frozenset(reader.texts(sign, "reverse", "[sign] ")),
        income_positive_accounts=reader.patterns(sign),
        units=reader.units(data),
        round_to_penny=reader.yes(data, "round_to_penny", ""),
        skip_starts_with=tuple(reader.texts(skip, "starts_with", "[skip] ")),
        skip_blank_codes=reader.yes(skip, "blank_codes", "[skip] "),
        skip_unheaded_columns=reader.yes(skip, "unheaded_columns", "[skip] "),
    )
    faults = reader.faults or _find_contradictions(layout)
    if faults:
        raise LayoutError(*faults)
    return layout


def check_columns(layout: LayoutSpec, specs: tuple[ColumnSpec, ...]) -> None:
    """Raise LayoutError where the layout's columns are not those of the kind of file."""
    names = {spec.name for spec in specs}
    amounts = {spec.name for spec in specs if spec.kind == kinds.AMOUNT}
    faults = [f"This kind of file has no column {own}." for own in layout.made if own not in names]
    as_amounts = {*layout.suffix, *layout.reverse, *layout.units}
    as_amounts |= {rule.own for rule in layout.debit_credits}
    faults += [f"{own} is no column of amounts." for own in sorted((as_amounts & names) - amounts)]
    if faults:
        raise LayoutError(*faults)


def _find_contradictions(layout: LayoutSpec) -> list[str]:
    """Return the faults of values that are valid alone but contradict each other."""
    made, used = layout.made, layout.used
    headings = [normalised(heading) for heading in used]
    faults = [
        f"The column {own} is filled more than once."
        for own in dict.fromkeys(made)
        if made.count(own) > 1
    ]
    faults += [
        f"The heading “{heading}” stands in the layout twice."
        for heading, text in zip(used, headings, strict=True)
        if headings.count(text) > 1
    ]
    if not layout.headings and not layout.steps:
        faults.append("The layout names no heading of the file; give [columns].")
    uses = {"[suffix]": layout.suffix, "[sign] reverse": layout.reverse, "[units]": layout.units}
    for place, names in uses.items():
        for own in sorted(set(names) - set(made)):
            faults.append(f"{place} names {own}, which the layout does not fill.")
    for own in sorted(layout.suffix & {rule.own for rule in layout.debit_credits}):
        faults.append(f"{own} has debit and credit columns; it cannot have a suffix too.")
    faults += _find_step_contradictions(layout)
    if layout.income_positive_accounts and layout.reverse:
        faults.append("[sign] takes reverse or income_positive_accounts, not both.")
    if layout.income_positive_accounts and "account" not in made:
        faults.append("[sign] income_positive_accounts needs the column account.")
    return faults


def _find_step_contradictions(layout: LayoutSpec) -> list[str]:
    """Return the faults of steps that contradict other parts of the layout."""
    faults = []
    if layout.add_up:
        faults += [
            f"“add_up” adds by {own}, which the layout does not fill."
            for own in layout.add_up.by
            if own not in layout.made
        ]
    own_of = {normalised(heading): own for heading, own in layout.columns.items()}
    for step in layout.steps:
        figures = [own_of.get(normalised(heading), heading) for heading in step.reads]
        if isinstance(step, AddColumns | ReverseSign):
            figures += step.makes
            faults += [
                f"{own} says DR or CR; a step cannot add or reverse it."
                for own in sorted(layout.suffix & set(figures))
            ]
    return faults


class _Reader:
    """A reader of a layout's values, which notes each that is wrong."""

    def __init__(self):
        self.faults: list[str] = []

    def known(self, data: Mapping, keys: tuple[str, ...], where: str) -> None:
        for key in data:
            if key not in keys:
                self.faults.append(
                    f"“{key}” is not a key of {where}; use one of: {', '.join(keys)}."
                )

    def table(self, data: Mapping, key: str, keys: tuple[str, ...] | None = None) -> Mapping:
        table = data.get(key, {})
        if not isinstance(table, Mapping):
            self.faults.append(f"[{key}] must be a table of keys and values.")
            return {}
        if keys is not None:
            self.known(table, keys, f"[{key}]")
        return table

    def text(self, data: Mapping, key: str, missing: str | None, where: str = "") -> str:
        value = data.get(key, missing)
        if not isinstance(value, str) or (key in data and not value.strip()):
            self.faults.append(f"{where}{key} must be a text in quotation marks.")
            return ""
        return value

    def texts(self, data: Mapping, key: str, where: str) -> list[str]:
        values = data.get(key, [])
        if not isinstance(values, list | tuple) or not all(
            isinstance(value, str) and value.strip() for value in values
        ):
            self.faults.append(f"{where}{key} must be a list of texts.")
            return []
        return list(values)

    def yes(self, data: Mapping, key: str, where: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.faults.append(f"{where}{key} must be true or false.")
        return value is True

    def own(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not _OWN.fullmatch(value):
            self.faults.append(f"{where}: “{value}” is not a column's name such as current_budget.")
            return ""
        return value

    def heading(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not normalised(value):
            self.faults.append(f"{where}: “{value}” is not a heading.")
            return ""
        return value

    def header_rows(self, data: Mapping) -> int:
        value = data.get("header_rows", 1)
        if type(value) is not int or not 1 <= value <= MOST_HEADER_ROWS:
            self.faults.append(f"header_rows must be a whole number from 1 to {MOST_HEADER_ROWS}.")
            return 1
        return value

    def columns(self, data: Mapping) -> dict[str, str]:
        return {
            self.heading(heading, "[columns]"): self.own(own, f"[columns] “{heading}”")
            for heading, own in self.table(data, "columns").items()
        }

    def fixed(self, data: Mapping) -> dict[str, str]:
        table = self.table(data, "fixed")
        values = {
            self.own(key, "[fixed]"): self.text(table, key, None, "[fixed] ") for key in table
        }
        return values

    def splits(self, data: Mapping) -> tuple[Split, ...]:
        made = []
        for heading in self.table(data, "split"):
            table, where = self.table(data["split"], heading), f"[split.“{heading}”]"
            self.known(table, ("into", "separator", "lengths"), where)
            into = tuple(self.own(own, where) for own in self.texts(table, "into", f"{where} "))
            separator, lengths = table.get("separator"), table.get("lengths")
            if len(into) < 2:
                self.faults.append(f"{where} into must be a list of two columns or more.")
            if (separator is None) == (lengths is None):
                self.faults.append(f"{where} takes either separator or lengths.")
            elif separator is not None and not (isinstance(separator, str) and separator):
                self.faults.append(f"{where} separator must be a text in quotation marks.")
            elif lengths is not None and not _are_lengths(lengths, len(into)):
                self.faults.append(
                    f"{where} lengths must be as many whole numbers as into has columns."
                )
            else:
                name = self.heading(heading, where)
                made.append(Split(name, into, separator or "", tuple(lengths or ())))
        return tuple(made)

    def debit_credits(self, data: Mapping) -> tuple[DebitCredit, ...]:
        made = []
        for own in self.table(data, "debit_credit"):
            table, where = self.table(data["debit_credit"], own), f"[debit_credit.{own}]"
            self.known(table, ("debit", "credit"), where)
            debit, credit = (
                self.heading(self.text(table, key, None, f"{where} ") or None, f"{where} {key}")
                for key in ("debit", "credit")
            )
            made.append(DebitCredit(self.own(own, where), debit, credit))
        return tuple(made)

    def patterns(self, sign: Mapping) -> tuple[re.Pattern, ...]:
        made = []
        for text in self.texts(sign, "income_positive_accounts", "[sign] "):
            try:
                made.append(re.compile(text))
            except re.error as error:
                self.faults.append(f"[sign] “{text}” is not a regular expression ({error}).")
        return tuple(made)

    def units(self, data: Mapping) -> dict[str, int]:
        table = self.table(data, "units")
        for own, unit in table.items():
            if not isinstance(unit, str) or unit not in UNITS:
                self.faults.append(f"[units] {own} must be “pounds”, “k”, “m” or “bn”.")
        return {self.own(own, "[units]"): UNITS.get(str(unit), 1) for own, unit in table.items()}


def _are_lengths(value: object, number: int) -> bool:
    if not isinstance(value, list | tuple) or len(value) != number:
        return False
    return all(type(length) is int and length > 0 for length in value)
