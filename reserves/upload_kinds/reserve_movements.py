"""reserve_movements.csv: the year's register of what is put into reserves and drawn from them.

A file speaks for the open periods that it names: there it replaces what files brought before, and
what was typed stays. Of a published period it may only repeat what stands.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from monitoring.models import Period, PeriodState
from monitoring.structure.selectors.calendar import published_message
from monitoring.uploading.prepared import Prepared, Target
from reserves.calculations import Entry, Overdraft, overdraft
from reserves.models import MovementKind, Reserve, ReserveKind, ReserveMovement
from reserves.rules import in_period, overdraft_message
from reserves.selectors import entries_of, reserves_of

COLUMNS = (
    ColumnSpec("reserve_code", CODE, required=True),
    ColumnSpec(
        "period", WHOLE, required=True, meaning="In which it is first reported; 00: the budget."
    ),
    ColumnSpec("kind", CHOICE, required=True, choices=tuple(MovementKind.values)),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="Positive into the reserve, negative out of it; what changes, not the new sum.",
    ),
    ColumnSpec("description", TEXT, meaning="Why."),
)


@dataclass(frozen=True)
class Register:
    """What stands of the movements that a file speaks of: its reserves, and by them the rows."""

    reserves: dict[str, Reserve]
    published: dict[int, Period]
    stored: list[ReserveMovement]

    @classmethod
    def of(cls, target: Target) -> "Register":
        """As it stands now."""
        reserves = {reserve.code: reserve for reserve in reserves_of(target.year)}
        periods = Period.objects.filter(year=target.year, state=PeriodState.PUBLISHED)
        stored = ReserveMovement.objects.filter(reserve__year=target.year).order_by("pk")
        return cls(
            reserves,
            {period.number: period for period in periods.select_related("year")},
            list(stored),
        )

    def replaced_by(self, periods: set[int]) -> list[ReserveMovement]:
        """What a file replaces that speaks of these periods."""
        return [
            each
            for each in self.stored
            if each.source_id is not None and each.period in periods - set(self.published)
        ]


def check_movements(table: TypedTable, target: Target) -> Prepared:
    """Check reserves and periods, and that no earmarked reserve is overdrawn."""
    register = Register.of(target)
    for row in table.frame.itertuples():
        if row.reserve_code and row.reserve_code not in register.reserves:
            message = "there is no reserve with this code; the codes are those of reserves.csv"
            table.problem(row.Index, "reserve_code", row.reserve_code, message)
        if not pd.isna(row.period) and row.period > CLOSE:
            table.problem(row.Index, "period", row.period, "a period is a number from 0 to 13")
    if not table.problems:
        _check_published(table, register)
    new = []
    if not table.problems:
        new = [row for row in table.frame.itertuples() if row.period not in register.published]
        _check_overdrafts(table, register, new)
        _warn(table, register, new)
    total = table.frame["amount"].sum()
    return Prepared(table, payload=new, totals={"amount": int(total)})


def _check_published(table: TypedTable, register: Register) -> None:
    """Each row of a published period must stand there already."""
    standing = Counter(_sides(register))
    for row in table.frame.itertuples():
        period = register.published.get(row.period)
        if period is None:
            continue
        same = (row.reserve_code, int(row.period), row.kind, int(row.amount))
        if standing[same] > 0:
            standing[same] -= 1
        else:
            table.problem(row.Index, "period", row.period, published_message(period))


def _sides(register: Register) -> list[tuple]:
    codes = {reserve.pk: code for code, reserve in register.reserves.items()}
    sides = []
    for each in register.stored:
        sides.append((codes[each.reserve_id], each.period, each.kind, each.amount_pence))
        if each.transfer_to_id is not None:
            sides.append((codes[each.transfer_to_id], each.period, each.kind, -each.amount_pence))
    return sides


def _check_overdrafts(table: TypedTable, register: Register, new: list) -> None:
    rows = defaultdict(list)
    for row in new:
        rows[row.reserve_code].append(row)
    replaced = register.replaced_by({int(row.period) for row in new})
    gone = defaultdict(list)
    for each in replaced:
        gone[each.reserve_id].append(Entry(each.period, each.kind, each.amount_pence))
    earmarked = [each for each in register.reserves.values() if each.kind == ReserveKind.EARMARKED]
    before = entries_of(earmarked)
    for reserve in earmarked:
        after = list(before[reserve.pk])
        for entry in gone[reserve.pk]:
            after.remove(entry)
        after += [Entry(int(row.period), row.kind, int(row.amount)) for row in rows[reserve.code]]
        found = overdraft(
            reserve.opening_balance_pence,
            before[reserve.pk],
            after,
            approved_deficit=reserve.approved_deficit_pence or 0,
        )
        if found is not None:
            _tell(table, reserve, found, rows[reserve.code])


def _tell(table: TypedTable, reserve: Reserve, found: Overdraft, rows: list) -> None:
    """At the last row that draws on the reserve by then; else of the file as a whole."""
    message = overdraft_message(reserve.name, found, reserve.approved_deficit_pence or 0)
    drawing = [row for row in rows if row.amount < 0 and row.period <= found.period]
    if drawing:
        last = max(drawing, key=lambda row: (row.period, row.Index))
        table.problem(last.Index, "amount", exact_pounds(int(last.amount)), message)
    else:
        table.problems.append(Problem(f"Movements that stood are not in the file: {message}"))


def _warn(table: TypedTable, register: Register, new: list) -> None:
    periods = {int(row.period) for row in new}
    brought = [each for each in register.stored if each.source_id is not None]
    others = sorted({each.period for each in brought} - periods - set(register.published))
    for number in others:
        table.warn(
            f"The file has no movement of {in_period(number)}; those that a file brought stay."
        )
    codes = {reserve.pk: code for code, reserve in register.reserves.items()}
    typed = {
        (codes[each.reserve_id], each.period, each.kind, each.amount_pence)
        for each in register.stored
        if each.source_id is None
    }
    for row in new:
        if (row.reserve_code, int(row.period), row.kind, int(row.amount)) in typed:
            table.warn(
                "The same movement was entered on its page; both count.", row.Index, "amount"
            )


def store_movements(prepared: Prepared, target: Target) -> None:
    """Replace what files brought into the open periods that the file names."""
    register = Register.of(target)
    rows = prepared.payload
    replaced = register.replaced_by({int(row.period) for row in rows})
    ReserveMovement.objects.filter(pk__in=[each.pk for each in replaced]).delete()
    ReserveMovement.objects.bulk_create(
        ReserveMovement(
            reserve=register.reserves[row.reserve_code],
            period=int(row.period),
            kind=row.kind,
            amount_pence=int(row.amount),
            description=row.description,
            source=target.upload,
            source_row=row.Index,
            entered_by=target.by,
        )
        for row in rows
    )


registry.register_upload_kind(
    registry.UploadKind(
        name="reserve_movements",
        label="Movements of reserves",
        per_period=False,
        after="reserves",
        columns=COLUMNS,
        check=check_movements,
        store=store_movements,
    )
)
