"""reserve_movements.csv: the year's register of amounts put into reserves and drawn from them.

A file replaces the movements that earlier files brought for the open periods that it names; typed
movements stay. For a published period it may only repeat movements that are stored.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.models import Period, PeriodState
from monitoring.structure.selectors.calendar import published_message
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from reserves.calculations import Entry, Overdraft, overdraft
from reserves.models import MovementKind, Reserve, ReserveKind, ReserveMovement
from reserves.rules import in_period, overdraft_message
from reserves.selectors import entries_of, reserves_of
from reserves.upload_kinds.faults import find_overdrafts

COLUMNS = (
    ColumnSpec(
        "reserve_code",
        CODE,
        required=True,
        meaning="The code of the reserve, as in the year’s reserves.",
        example="WINTER",
    ),
    ColumnSpec(
        "period",
        WHOLE,
        required=True,
        meaning="The month in which it is first reported. 0 is the approved budget.",
        example="4",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(MovementKind.values),
        meaning="Decided with the budget, expected during the year, or booked.",
        example="anticipated",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="Into the reserve: positive. Drawn from it: negative. Give what changes, not the "
        "new sum.",
        example="-75000.00",
    ),
    ColumnSpec(
        "description",
        TEXT,
        meaning="Why it moves.",
        blank="No text is printed.",
        example="Gritting in January",
    ),
    ColumnSpec(
        "decision_reference",
        CODE,
        meaning="The decision that is its authority.",
        blank="None is named.",
        example="FP/19/07/02",
    ),
)


Side = tuple[str, int, str, int]
"""A side of a movement: reserve code, period, kind and amount in pence."""


@dataclass(frozen=True)
class StoredRegister:
    """The year's reserves by code, its published periods by number, and its stored movements."""

    reserves: dict[str, Reserve]
    published: dict[int, Period]
    stored: list[ReserveMovement]

    @classmethod
    def read(cls, target: Target) -> "StoredRegister":
        """Read the register as it is stored now."""
        reserves = {reserve.code: reserve for reserve in reserves_of(target.year)}
        periods = Period.objects.filter(year=target.year, state=PeriodState.PUBLISHED)
        stored = ReserveMovement.objects.filter(reserve__year=target.year).order_by("pk")
        return cls(
            reserves,
            {period.number: period for period in periods.select_related("year")},
            list(stored),
        )

    def replaced_by(self, periods: set[int]) -> list[ReserveMovement]:
        """Return the movements of earlier files that a file of these periods replaces."""
        return [
            each
            for each in self.stored
            if each.source_id is not None and each.period in periods - set(self.published)
        ]


def check_movements(table: TypedTable, target: Target) -> Prepared[list[Any]]:
    """Check reserves and periods, and that no earmarked reserve is overdrawn."""
    register = StoredRegister.read(target)
    for row in table.frame.itertuples():
        if row.reserve_code and row.reserve_code not in register.reserves:
            message = "there is no reserve with this code; the codes are those of reserves.csv"
            table.problem(row.Index, "reserve_code", row.reserve_code, message)
        if not pd.isna(row.period) and row.period > CLOSE:
            table.problem(row.Index, "period", row.period, "a period is a number from 0 to 13")
    registry.note_unknown_references(
        table,
        "decision_reference",
        "decision",
        target.year,
        file="reserve_movements.csv",
        message="there is no decision of this reference",
    )
    if not table.problems:
        _check_published(table, register)
    new: list[Any] = []
    if not table.problems:
        new = [row for row in table.frame.itertuples() if row.period not in register.published]
        _check_overdrafts(table, register, new)
        _warn_of_changes(table, register, new)
    total = int(table.frame["amount"].sum())
    return Prepared(table, new, totals={"amount": total})


def _check_published(table: TypedTable, register: StoredRegister) -> None:
    """Refuse rows of a published period that are not stored there already."""
    stored = Counter(_list_sides(register))
    for row in table.frame.itertuples():
        period = register.published.get(row.period)
        if period is None:
            continue
        same = (row.reserve_code, int(row.period), row.kind, int(row.amount))
        if stored[same] > 0:
            stored[same] -= 1
        else:
            table.problem(row.Index, "period", row.period, published_message(period))


def _list_sides(register: StoredRegister) -> list[Side]:
    """Return every side of the stored movements."""
    codes = {reserve.pk: code for code, reserve in register.reserves.items()}
    sides: list[Side] = []
    for each in register.stored:
        sides.append((codes[each.reserve_id], each.period, each.kind, each.amount_pence))
        if each.transfer_to_id is not None:
            sides.append((codes[each.transfer_to_id], each.period, each.kind, -each.amount_pence))
    return sides


def _check_overdrafts(table: TypedTable, register: StoredRegister, new: Sequence[Any]) -> None:
    """Refuse rows that would overdraw an earmarked reserve."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in new:
        rows[row.reserve_code].append(row)
    replaced = register.replaced_by({int(row.period) for row in new})
    gone: dict[int, list[Entry]] = defaultdict(list)
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
            _add_overdraft_problem(table, reserve, found, rows[reserve.code])


def _add_overdraft_problem(
    table: TypedTable, reserve: Reserve, found: Overdraft, rows: Sequence[Any]
) -> None:
    """Add the problem to the last row that draws on the reserve by then, or to the whole file."""
    message = overdraft_message(reserve.name, found, reserve.approved_deficit_pence or 0)
    drawing = [row for row in rows if row.amount < 0 and row.period <= found.period]
    if drawing:
        last = max(drawing, key=lambda row: (row.period, row.Index))
        table.problem(last.Index, "amount", exact_pounds(int(last.amount)), message)
    else:
        table.problems.append(Problem(f"Stored movements are not in the file: {message}"))


def _warn_of_changes(table: TypedTable, register: StoredRegister, new: Sequence[Any]) -> None:
    """Warn of periods that the file leaves out, and of movements that were typed as well."""
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


def store_movements(prepared: Prepared[list[Any]], target: Target) -> None:
    """Replace the movements of earlier files in the open periods that this file names."""
    register = StoredRegister.read(target)
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
            decision_reference=row.decision_reference,
            source=target.upload,
            source_row=row.Index,
            entered_by=target.by,
        )
        for row in rows
    )


def movements_template(place: TemplatePlace) -> TemplateContent:
    """Return the movements that files brought for open periods: a new file replaces these."""
    published = Period.objects.filter(year=place.year, state=PeriodState.PUBLISHED)
    brought = ReserveMovement.objects.filter(reserve__year=place.year, source__isnull=False)
    brought = brought.exclude(period__in=published.values("number"))
    rows: list[Mapping[str, Value]] = [
        {
            "reserve_code": each.reserve.code,
            "period": each.period,
            "kind": each.kind,
            "amount": each.amount_pence,
            "description": each.description,
            "decision_reference": each.decision_reference,
        }
        for each in brought.select_related("reserve").order_by("period", "pk")
    ]
    codes = [ListedCode(reserve.code, reserve.name) for reserve in reserves_of(place.year)]
    return TemplateContent(rows, {"reserve_code": CodeList(codes)})


registry.register_upload_kind(
    registry.UploadKind(
        name="reserve_movements",
        label="Movements of reserves",
        per_period=False,
        after="reserves",
        columns=COLUMNS,
        check=check_movements,
        store=store_movements,
        undo=RowsUndo(
            lambda target: [ReserveMovement.objects.filter(reserve__year=target.year)],
            faults=find_overdrafts,
        ),
        template=movements_template,
        purpose="What is put into reserves and drawn from them. The file replaces the movements "
        "that earlier files brought for the open months that it names; typed ones stay.",
    )
)
