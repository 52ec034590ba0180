"""What the three statements of reserves share: columns, rows in groups, and notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from council_finance.periods import CLOSE
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.calculations import Balance, together
from reserves.selectors import balances, part_of

AMOUNTS = ("opening", "budgeted", "anticipated", "actual", "closing")
_EXPECTED = CrossCast("closing", (("opening", 1), ("budgeted", 1), ("anticipated", 1)))
_BOOKED = CrossCast("closing", (("opening", 1), ("actual", 1)))


@dataclass(frozen=True)
class Sheet:
    """A report's reserves of some kinds, with their balances, ready to be printed."""

    facts: ReportData
    name: str
    kinds: tuple[str, ...]

    @cached_property
    def display(self) -> Display:
        """How the statement prints."""
        return self.facts.display(self.name)

    @property
    def at_close(self) -> bool:
        """Whether the year has ended."""
        return self.facts.period.number == CLOSE

    @cached_property
    def balances(self) -> dict[str, Balance]:
        """By the code of each reserve of the council."""
        return balances(part_of(self.facts), at_close=self.at_close)

    @cached_property
    def reserves(self) -> list[dict]:
        """Those of the kinds, in the council's order."""
        return [each for each in part_of(self.facts)["reserves"] if each["kind"] in self.kinds]

    def total(self, reserves: Iterable[dict] | None = None) -> Balance:
        """All of the sheet's reserves together, or some of them."""
        chosen = self.reserves if reserves is None else reserves
        return together(self.balances[each["code"]] for each in chosen)

    def cells(self, balance: Balance) -> dict[str, Cell]:
        """A balance as it is printed."""
        return {key: Cell.of_amount(getattr(balance, key), self.display) for key in AMOUNTS}

    def line(self, reserve: dict, level: int = 0) -> Row:
        """A reserve's row."""
        code = reserve["code"]
        return Row(code, reserve["name"], "line", self.cells(self.balances[code]), level)

    def block(self, reserves: list[dict], key: str, label: str) -> list[Row]:
        """The reserves, group by group where there are several, and their total."""
        groups: dict[str, list[dict]] = {}
        for reserve in reserves:
            groups.setdefault(reserve["group"], []).append(reserve)
        rows, sums = [], []
        for name, members in groups.items():
            lines = [
                self.line(each, level=1 if self._is_group(groups, name) else 0) for each in members
            ]
            keys = tuple(row.key for row in lines)
            if not self._is_group(groups, name):
                rows, sums = [*rows, *lines], [*sums, *keys]
                continue
            group = f"group:{key}:{name}"
            cells = self.cells(self.total(members))
            rows += [Row(f"heading:{key}:{name}", name, "heading"), *lines]
            rows.append(Row(group, f"Total {name}", "subtotal", cells, sum_of=keys))
            sums.append(group)
        return [
            *rows,
            Row(key, label, "total", self.cells(self.total(reserves)), sum_of=tuple(sums)),
        ]

    def _is_group(self, groups: dict, name: str) -> bool:
        return bool(name) and len(groups) > 1

    @property
    def cross_casts(self) -> tuple[CrossCast, ...]:
        """How a row adds across; at the close not where only some reserves have been booked."""
        if not self.at_close:
            return (_EXPECTED,)
        moved = [each for each in self.balances.values() if each.moved]
        if all(each.booked for each in moved):
            return (_BOOKED,)
        return () if any(each.booked for each in moved) else (_EXPECTED,)

    def statement(self, title: str, rows: Iterable[Row], notes: Iterable[Footnote]) -> Statement:
        """The statement of these rows."""
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

    def after_budget(self) -> list[Footnote]:
        """What the reserves held when the budget had been carried out."""
        total, start = self.total(), self.facts.period.year.start
        if not total.budgeted or self.at_close:
            return []
        after = self.display.in_words(total.opening + total.budgeted)
        text = f"With the budgeted movements, the balance as at 1 April {start} is {after}."
        return [Footnote("", text)]

    def notes(self) -> list[Footnote]:
        """Reserves in deficit, and reserves whose actual movements are not known."""
        if not self.reserves:
            return [Footnote("", "No such reserves have been brought in.")]
        return [Footnote("", text) for text in (*self._deficits(), *self._unbooked())]

    def _deficits(self) -> list[str]:
        found = []
        for reserve in self.reserves:
            closing = self.balances[reserve["code"]].closing
            if closing < 0:
                approver = reserve["deficit_approved_by"]
                by = f", which {approver} has approved" if approver else ""
                found.append(
                    f"{reserve['name']}: a deficit of {self.display.in_words(-closing)}{by}."
                )
        return found

    def _unbooked(self) -> list[str]:
        if not self.at_close:
            return []
        waiting = [
            reserve["name"]
            for reserve in self.reserves
            if self.balances[reserve["code"]].moved and not self.balances[reserve["code"]].booked
        ]
        if not waiting:
            return []
        names = ", ".join(waiting)
        return [f"Not booked yet, and closing at what was budgeted and anticipated: {names}."]
