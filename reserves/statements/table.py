"""The tables of reserves: the columns, grouped rows and notes that three statements share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from council_finance.periods import CLOSE
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.calculations import Balance, add_balances
from reserves.report_rows import ReserveRow
from reserves.report_section import balances, section_of

AMOUNTS = ("opening", "budgeted", "anticipated", "actual", "closing")
_EXPECTED = CrossCast("closing", (("opening", 1), ("budgeted", 1), ("anticipated", 1)))
_BOOKED = CrossCast("closing", (("opening", 1), ("actual", 1)))


@dataclass(frozen=True)
class BalanceTable:
    """A report's reserves of some kinds with their balances, as rows and notes of a statement."""

    facts: ReportData
    name: str
    kinds: tuple[str, ...]

    @cached_property
    def display(self) -> Display:
        """The display of the statement."""
        return self.facts.display(self.name)

    @property
    def at_close(self) -> bool:
        """Return whether the year has ended."""
        return self.facts.period.number == CLOSE

    @cached_property
    def balances(self) -> dict[str, Balance]:
        """The balance of every reserve of the council by its code."""
        section = section_of(self.facts)
        return balances(section.reserves, section.movements, at_close=self.at_close)

    @cached_property
    def reserves(self) -> list[ReserveRow]:
        """The reserves of the kinds, in the council's order."""
        return section_of(self.facts).of_kinds(*self.kinds)

    def total(self, reserves: Iterable[ReserveRow] | None = None) -> Balance:
        """Return the balance of some reserves of the table together, or of all of them."""
        chosen = self.reserves if reserves is None else reserves
        return add_balances(self.balances[each.code] for each in chosen)

    def cells(self, balance: Balance) -> dict[str, Cell]:
        """Return a balance as cells of the statement."""
        return {key: Cell.of_amount(getattr(balance, key), self.display) for key in AMOUNTS}

    def rows_with_total(self, reserves: Sequence[ReserveRow], key: str, label: str) -> list[Row]:
        """Return the reserves and their total, with subtotals where there are several groups."""
        groups: dict[str, list[ReserveRow]] = {}
        for reserve in reserves:
            groups.setdefault(reserve.group, []).append(reserve)
        rows: list[Row] = []
        sums: list[str] = []
        for name, members in groups.items():
            if name and len(groups) > 1:
                rows += self._group_rows(key, name, members)
                sums.append(rows[-1].key)
            else:
                lines = [self._reserve_row(each, level=0) for each in members]
                rows += lines
                sums += [row.key for row in lines]
        total = Row(key, label, "total", self.cells(self.total(reserves)), sum_of=tuple(sums))
        return [*rows, total]

    def _group_rows(self, key: str, name: str, members: Sequence[ReserveRow]) -> list[Row]:
        """Return heading, reserves and subtotal of a group."""
        lines = [self._reserve_row(each, level=1) for each in members]
        cells, keys = self.cells(self.total(members)), tuple(row.key for row in lines)
        return [
            Row(f"heading:{key}:{name}", name, "heading"),
            *lines,
            Row(f"group:{key}:{name}", f"Total {name}", "subtotal", cells, sum_of=keys),
        ]

    def _reserve_row(self, reserve: ReserveRow, *, level: int) -> Row:
        cells = self.cells(self.balances[reserve.code])
        return Row(reserve.code, reserve.name, "line", cells, level)

    @property
    def cross_casts(self) -> tuple[CrossCast, ...]:
        """The rule by which a row adds across.

        At the close there is none where only some reserves have been booked.
        """
        if not self.at_close:
            return (_EXPECTED,)
        moved = [each for each in self.balances.values() if each.moved]
        if all(each.booked for each in moved):
            return (_BOOKED,)
        return () if any(each.booked for each in moved) else (_EXPECTED,)

    def build_statement(
        self, title: str, rows: Iterable[Row], notes: Iterable[Footnote]
    ) -> Statement:
        """Return the statement of these rows and notes."""
        start, unit = self.facts.period.year.start, self.display.unit_label
        booked = "Actual movements" if self.at_close else "Actual movements to date"
        return with_rounding_note(
            Statement(
                name=self.name,
                title=title,
                header=self.facts.header,
                display=self.display,
                columns=(
                    Column("opening", f"Balance as at 31 March {start}", unit),
                    Column("budgeted", "Budgeted movements", unit),
                    Column("anticipated", "Anticipated movements", unit),
                    Column("actual", booked, unit),
                    Column("closing", f"Closing balance as at 31 March {start + 1}", unit),
                ),
                rows=tuple(rows),
                footnotes=tuple(notes),
                row_heading="Reserve",
                cross_casts=self.cross_casts,
            )
        )

    def budget_notes(self) -> list[Footnote]:
        """Return a note of the balance after the budgeted movements, before the close."""
        total, start = self.total(), self.facts.period.year.start
        if not total.budgeted or self.at_close:
            return []
        after = self.display.in_words(total.opening + total.budgeted)
        text = f"With the budgeted movements, the balance as at 1 April {start} is {after}."
        return [Footnote("", text)]

    def notes(self) -> list[Footnote]:
        """Return notes of reserves in deficit, and at the close of those not booked yet."""
        if not self.reserves:
            return [Footnote("", "No such reserves have been brought in.")]
        return [Footnote("", text) for text in (*self._deficit_texts(), *self._unbooked_texts())]

    def _deficit_texts(self) -> list[str]:
        found = []
        for reserve in self.reserves:
            closing = self.balances[reserve.code].closing
            if closing < 0:
                approver = reserve.deficit_approved_by
                by = f", which {approver} has approved" if approver else ""
                found.append(f"{reserve.name}: a deficit of {self.display.in_words(-closing)}{by}.")
        return found

    def _unbooked_texts(self) -> list[str]:
        if not self.at_close:
            return []
        waiting = [
            reserve.name
            for reserve in self.reserves
            if self.balances[reserve.code].moved and not self.balances[reserve.code].booked
        ]
        if not waiting:
            return []
        names = ", ".join(waiting)
        return [f"Not booked yet, and closing at what was budgeted and anticipated: {names}."]
