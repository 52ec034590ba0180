"""capital_changes.csv: changes that lead from the original to the revised budgets.

Changes are added or changed by reference and scheme. For a published period a file may only repeat
changes that are stored.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from capital.models import (
    NAME_LENGTH,
    TEXT_LENGTH,
    CapitalScheme,
    ChangeKind,
    ChangeState,
    ProgrammeChange,
)
from capital.selectors import schemes_of
from capital.upload_kinds.faults import (
    check_known,
    check_lengths,
    check_once,
    put_rows,
    to_pence,
)
from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.models import Period, PeriodState
from monitoring.structure.selectors.calendar import published_message
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the change. The legs of a virement share theirs.",
        example="CC-01",
    ),
    ColumnSpec(
        "scheme_reference",
        CODE,
        required=True,
        meaning="The scheme whose budget changes, as in the year’s capital.csv.",
        example="CAP-01",
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
        choices=tuple(ChangeKind.values),
        meaning="A carry forward and rephasing move spending between years; a variation is new or "
        "less funding; “to_revenue” moves spending to revenue.",
        example="rephasing",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="The change of this year’s budget; what leaves it is negative.",
        example="-200000.00",
    ),
    ColumnSpec(
        "total_amount",
        AMOUNT,
        meaning="The change of the whole scheme’s budget.",
        blank="Nil for a carry forward and rephasing, else the amount.",
        example="0.00",
    ),
    ColumnSpec(
        "approved_by",
        TEXT,
        meaning="Who approved it.",
        blank="Not stated; the change counts all the same.",
        example="Cabinet",
    ),
    ColumnSpec(
        "approved_on",
        DATE,
        meaning="When it was approved.",
        blank="Not stated; the change counts all the same.",
        example="2019-07-16",
    ),
    ColumnSpec(
        "reason",
        TEXT,
        meaning="Why the budget changes.",
        blank="None is printed.",
        example="The contractor starts in the spring",
    ),
)
NIL_IN_TOTAL = (ChangeKind.CARRY_FORWARD, ChangeKind.REPHASING)
"""Kinds that move spending between years: nothing changes over the whole scheme."""

Changes = list[ProgrammeChange]
Key = tuple[str, str]
"""The reference of a change and that of its scheme."""


def check_changes(table: TypedTable, target: Target) -> Prepared[Changes]:
    """Check schemes, kinds and periods, and that published changes stay as they are."""
    schemes = {scheme.reference: scheme for scheme in schemes_of(target.year)}
    check_once(
        table,
        ["reference", "scheme_reference"],
        "this change of the scheme stands on an earlier row too",
    )
    check_known(table, "scheme_reference", schemes, "scheme", "the year’s capital.csv")
    check_lengths(table, {"approved_by": NAME_LENGTH, "reason": TEXT_LENGTH})
    _check_periods(table)
    changes: Changes = []
    if not table.problems:
        changes = _build_changes(table, schemes, target)
    if not table.problems:
        _warn_of_amounts(table)
    total = int(table.frame["amount"].sum())
    return Prepared(table, changes, totals={"amount": total})


def _check_periods(table: TypedTable) -> None:
    for row, number in table.frame["period"].items():
        if not pd.isna(number) and not 0 <= number <= CLOSE:
            table.problem(row, "period", number, "a period is a number from 0 to 13")


def _build_changes(
    table: TypedTable, schemes: Mapping[str, CapitalScheme], target: Target
) -> Changes:
    """Return the changes to store, and note each that would change a published report."""
    stored = _stored_changes(target)
    published = {
        period.number: period
        for period in Period.objects.filter(
            year=target.year, state=PeriodState.PUBLISHED
        ).select_related("year")
    }
    changes = []
    for row in table.frame.itertuples():
        before = stored.get((row.reference, row.scheme_reference))
        if before is not None and before.source_id is None:
            message = "this change was entered on its page; change or withdraw it there"
            table.problem(row.Index, "reference", row.reference, message)
            continue
        values = _values_of(row, table, before)
        if before is not None and all(getattr(before, name) == values[name] for name in values):
            continue
        periods = {values["period"]} | ({before.period} if before else set())
        if closed := [published[number] for number in sorted(periods) if number in published]:
            table.problem(row.Index, "period", row.period, published_message(closed[0]))
            continue
        change = before or ProgrammeChange(
            year=target.year, reference=row.reference, scheme=schemes[row.scheme_reference]
        )
        for name, value in values.items():
            setattr(change, name, value)
        change.source, change.source_row = target.upload, table.row_in_file(row.Index)
        changes.append(change)
    return changes


def _stored_changes(target: Target) -> dict[Key, ProgrammeChange]:
    rows = ProgrammeChange.objects.filter(year=target.year).select_related("scheme")
    return {(row.reference, row.scheme.reference): row for row in rows}


def _values_of(row: Any, table: TypedTable, before: ProgrammeChange | None) -> dict[str, Any]:
    """Return the fields that the file gives; a column that it does not have leaves the stored."""
    values: dict[str, Any] = {
        "period": int(row.period),
        "kind": row.kind,
        "amount_pence": int(row.amount),
        "state": ChangeState.APPROVED,
    }
    if before is None or "total_amount" in table.given:
        values["total_amount_pence"] = _total_of(row)
    for name in ("approved_by", "approved_on", "reason"):
        if name in table.given:
            values[name] = getattr(row, name)
    return values


def _total_of(row: Any) -> int:
    """Return the effect on the whole scheme, in pence: as given, or by the kind."""
    given = to_pence(row.total_amount)
    if given is not None:
        return given
    return 0 if row.kind in NIL_IN_TOTAL else int(row.amount)


def _warn_of_amounts(table: TypedTable) -> None:
    """Warn of virements that do not net to nil, and of rephasing that changes the whole scheme."""
    frame = table.frame
    virements = frame[frame["kind"] == ChangeKind.VIREMENT]
    for reference, legs in virements.groupby("reference", sort=False):
        if len(legs) > 1 and int(legs["amount"].sum()):
            table.warn(
                f"The legs of virement {reference} do not net to nil.", legs.index[0], "amount"
            )
    moved = frame["kind"].isin(NIL_IN_TOTAL) & (frame["total_amount"].fillna(0) != 0)
    for row in frame.index[moved]:
        table.warn(
            f"{frame['reference'][row]} moves spending between years, and yet changes the budget "
            "of the whole scheme.",
            row,
            "total_amount",
        )


def store_changes(prepared: Prepared[Changes], target: Target) -> None:
    """Add the changes of the file, or put them in place of those stored."""
    put_rows(prepared.payload)


def changes_template(place: TemplatePlace) -> TemplateContent:
    """Return the changes that files have brought."""
    found = ProgrammeChange.objects.filter(year=place.year, source__isnull=False)
    rows: list[Mapping[str, Value]] = [
        {
            "reference": change.reference,
            "scheme_reference": change.scheme.reference,
            "period": change.period,
            "kind": change.kind,
            "amount": change.amount_pence,
            "total_amount": change.total_amount_pence,
            "approved_by": change.approved_by,
            "approved_on": change.approved_on,
            "reason": change.reason,
        }
        for change in found.select_related("scheme").order_by("period", "pk")
    ]
    codes = [ListedCode(scheme.reference, scheme.name) for scheme in schemes_of(place.year)]
    return TemplateContent(rows, {"scheme_reference": CodeList(codes)})


registry.register_upload_kind(
    registry.UploadKind(
        name="capital_changes",
        label="Changes of the capital programme",
        per_period=False,
        after="capital",
        columns=COLUMNS,
        check=check_changes,
        store=store_changes,
        undo=RowsUndo(lambda target: [ProgrammeChange.objects.filter(year=target.year)]),
        template=changes_template,
        purpose="The approved changes that lead from the original to the revised budgets of "
        "capital schemes. Changes are added or changed by reference and scheme; those that are "
        "not in the file stay.",
    )
)
