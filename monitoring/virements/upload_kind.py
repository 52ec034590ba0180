"""The kind of file virements.csv: the year's register of virements."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils import timezone

from council_finance import registry
from council_finance.money import exact_pounds
from council_finance.periods import CLOSE, long_date
from council_finance.uploads.table import TypedTable
from monitoring.structure.models import BudgetLine, FinancialYear
from monitoring.structure.year_changes import StaleRevision
from monitoring.uploading.changes import UploadChanges
from monitoring.uploading.prepared import Prepared, Target
from monitoring.virements.approvals import approve_by_file, note_approved_outside, settle_approvals
from monitoring.virements.models import Virement
from monitoring.virements.rules import (
    APPROVER_LENGTH,
    Reversals,
    amount_fault,
    ends_fault,
    same_figures,
    spending_fault,
    spending_of,
)
from monitoring.virements.selectors.register import entered_here
from monitoring.virements.upload_columns import COLUMNS
from monitoring.virements.upload_template import virements_template
from monitoring.virements.upload_undo import VIREMENTS_UNDO

LegsByReference = dict[str, list[Virement]]
LineIds = Mapping[tuple[str, str], int]
"""The id of each budget line by cost centre and account."""


@dataclass(frozen=True)
class LegSource:
    """The row of the file that a leg is from, and whether it gives the spending that moves."""

    row: int
    gives_spending: bool


SourcesByReference = dict[str, list[LegSource]]
"""The sources of a file's legs, in the order of the legs of each reference."""


@dataclass(frozen=True)
class Payload:
    """The file's legs by reference, and the pending references that its sender approves."""

    legs: LegsByReference
    approving: frozenset[str]


def check_virements(table: TypedTable, target: Target) -> Prepared[Payload]:
    """Check ends, amounts and reversals, and that nothing approved is changed."""
    lines = {
        (line.cost_centre, line.account): line.pk
        for line in BudgetLine.objects.filter(year=target.year)
    }
    for row in table.frame.itertuples():
        _check_amounts(table, row)
        _check_ends(table, row, lines)
    registry.note_unknown_references(
        table,
        "decision_reference",
        "decision",
        target.year,
        file="virements.csv",
        message="there is no decision of this reference",
    )
    legs, sources = _build_legs(table, target, lines)
    _check_same_approval(table, legs, sources)
    _check_reversals(table, legs, sources, target)
    first_rows = {reference: same[0].row for reference, same in sources.items()}
    stored = _find_stored_legs(legs, target.year)
    approving: frozenset[str] = frozenset()
    if not target.upload.is_of_command:
        typed = entered_here(target.year, stored)
        approving = settle_approvals(table, legs, first_rows, stored, typed, target)
    for reference, fault in _find_conflicts(legs, target.year).items():
        table.problem(first_rows[reference], "reference", reference, fault)
    return Prepared(
        table,
        Payload(legs, approving),
        totals={"amount": int(table.frame["amount"].sum())},
        changes=UploadChanges(approves=tuple(sorted(approving))),
    )


def _check_amounts(table: TypedTable, row: Any) -> None:
    if not pd.isna(row.period) and row.period > CLOSE:
        table.problem(row.Index, "period", row.period, "a period is a number from 0 to 13")
    for column, fault_of in (("amount", amount_fault), ("forecast_amount", spending_fault)):
        pence = getattr(row, column)
        if not pd.isna(pence) and (fault := fault_of(int(pence))):
            table.problem(row.Index, column, exact_pounds(int(pence)), fault)
    if row.approved_on is not None and row.approved_on > timezone.localdate():
        message = "this day has not come yet; leave it blank until the virement is approved"
        table.problem(row.Index, "approved_on", long_date(row.approved_on), message)
    if len(row.approved_by) > APPROVER_LENGTH:
        message = f"the text has more than {APPROVER_LENGTH} characters"
        table.problem(row.Index, "approved_by", "", message)


def _check_ends(table: TypedTable, row: Any, lines: LineIds) -> None:
    ends = {end: _read_end(row, end) for end in ("from", "to")}
    unknown = {end: code for end, code in ends.items() if code and code not in lines}
    for end, code in unknown.items():
        message = "there is no budget line with this cost centre and account"
        table.problem(row.Index, f"{end}_cost_centre", "/".join(code), message)
    fault = ends_fault(ends["from"], ends["to"])
    # A reversal may leave its ends to the virement that it takes back.
    if fault and not unknown and (any(ends.values()) or not row.reverses):
        end, message = fault
        table.problem(row.Index, f"{end}_cost_centre", "/".join(ends[end] or ()), message)


def _read_end(row: Any, end: str) -> tuple[str, str] | None:
    code = getattr(row, f"{end}_cost_centre"), getattr(row, f"{end}_account")
    return None if code == ("", "") else code


def _find_line_id(row: Any, end: str, lines: LineIds) -> int | None:
    code = _read_end(row, end)
    return lines.get(code) if code else None


def _build_legs(
    table: TypedTable, target: Target, lines: LineIds
) -> tuple[LegsByReference, SourcesByReference]:
    """Return the file's virements by reference, and the source of each leg.

    A reference with a fault in any of its rows is left out, since the fault is reported already.
    """
    faulty = {problem.row for problem in table.problems}
    wrong = set(table.frame.loc[table.frame.index.isin(faulty), "reference"])
    legs: LegsByReference = {}
    sources: SourcesByReference = {}
    for row in table.frame[~table.frame["reference"].isin(wrong)].itertuples():
        same = legs.setdefault(row.reference, [])
        leg = Virement(
            year=target.year,
            reference=row.reference,
            leg=len(same) + 1,
            period=int(row.period),
            from_line_id=_find_line_id(row, "from", lines),
            to_line_id=_find_line_id(row, "to", lines),
            amount_pence=int(row.amount),
            forecast_amount_pence=spending_of(row.kind, int(row.amount), _read_spending(row)),
            kind=row.kind,
            approved_by=row.approved_by,
            approved_on=row.approved_on,
            reverses=row.reverses,
            reason=row.reason,
            permanent=row.permanent,
            decision_reference=row.decision_reference,
            entered_by=target.by,
        )
        source = LegSource(row.Index, _read_spending(row) is not None)
        sources.setdefault(row.reference, []).append(source)
        same.append(leg)
    return legs, sources


def _check_same_approval(
    table: TypedTable, legs: LegsByReference, sources: SourcesByReference
) -> None:
    """Check that the legs of each reference have one period and one approval."""
    for reference, same in legs.items():
        if len({(leg.period, leg.approved_on, leg.approved_by) for leg in same}) > 1:
            message = "the legs of a reference have one period and are approved together"
            table.problem(sources[reference][-1].row, "reference", reference, message)


def _read_spending(row: Any) -> int | None:
    return None if pd.isna(row.forecast_amount) else int(row.forecast_amount)


def _check_reversals(
    table: TypedTable, legs: LegsByReference, sources: SourcesByReference, target: Target
) -> None:
    """Check that all reversals of a virement together take back no more than it moved.

    Declined virements take nothing back, and cannot be taken back.
    """
    register: LegsByReference = {}
    stored = Virement.objects.filter(year=target.year, declined_on__isnull=True)
    others = list(stored.exclude(reference__in=legs))
    for virement in others:
        register.setdefault(virement.reference, []).append(virement)
    reversals = Reversals(register | legs, counted=others)
    for reference, same in legs.items():
        for leg, source in zip(same, sources[reference], strict=True):
            if leg.reverses and (
                fault := reversals.take_back(leg, spending_given=source.gives_spending)
            ):
                table.problem(source.row, "reverses", leg.reverses, fault)


def _find_conflicts(legs: LegsByReference, year: FinancialYear) -> dict[str, str]:
    """Return by reference why the file may not change a virement of the register.

    A file replaces pending virements of earlier files. A virement that was approved, declined or
    entered on a page stays as it is; the file may give it again with the same figures.
    """
    stored = _find_stored_legs(legs, year)
    typed = entered_here(year, stored)
    faults = {
        reference: _describe_conflict(known, legs[reference], typed=reference in typed)
        for reference, known in stored.items()
    }
    return {reference: fault for reference, fault in faults.items() if fault}


def known_references(prepared: Prepared[Payload], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's register."""
    stored = Virement.objects.filter(year=target.year).values_list("reference", flat=True)
    return {"reference": set(stored)}


def _find_stored_legs(legs: LegsByReference, year: FinancialYear) -> LegsByReference:
    """Return the stored legs of these references, in their order."""
    found: LegsByReference = {}
    for leg in Virement.objects.filter(year=year, reference__in=legs).order_by("leg"):
        found.setdefault(leg.reference, []).append(leg)
    return found


def _describe_conflict(stored: list[Virement], new: list[Virement], *, typed: bool) -> str:
    """Return why the file may not change a virement; empty where it may, or changes nothing."""
    old, same = stored[0], same_figures(stored, new)
    if old.approved_on is not None:
        # A register from elsewhere need not know yet what was approved here.
        silent = old.approver_id is not None and new[0].approved_on is None
        if same and (silent or _approval_of(old) == _approval_of(new[0])):
            return ""
        return "this virement is approved; take it back with one that names it in reverses"
    if same and new[0].approved_on is None:
        return ""
    if old.declined_on is not None:
        return (
            f"this virement was declined on {long_date(old.declined_on)}; "
            "one with other figures needs another reference"
        )
    if typed:
        return (
            "this virement was entered on its page, with other figures or not yet approved; "
            "it is approved or declined there"
        )
    return ""


def _approval_of(leg: Virement) -> tuple[datetime.date | None, str]:
    return leg.approved_on, leg.approved_by


def store_virements(prepared: Prepared[Payload], target: Target) -> None:
    """Add new references and replace pending ones of a file; leave all others as they are.

    Raise `StaleRevision` where one was decided or entered since the file was checked.
    """
    legs, approving = prepared.payload.legs, prepared.payload.approving
    if _find_conflicts(legs, target.year):
        raise StaleRevision("a virement of the file was decided or typed since it was checked")
    stored = _find_stored_legs(legs, target.year)
    typed = entered_here(target.year, stored)
    replaced = [
        reference
        for reference, known in stored.items()
        if reference not in typed | approving and _is_replaced(known, legs[reference])
    ]
    Virement.objects.filter(year=target.year, reference__in=replaced).delete()
    new = [reference for reference in legs if reference not in stored] + replaced
    Virement.objects.bulk_create(leg for reference in new for leg in legs[reference])
    approve_by_file(approving, legs, target)
    note_approved_outside(new, legs, target)


def _is_replaced(stored: list[Virement], new: list[Virement]) -> bool:
    """Return whether a virement is pending and the file differs from it in figures or texts."""
    if stored[0].approved_on is not None or stored[0].declined_on is not None:
        return False
    return not same_figures(stored, new) or _texts_of(stored) != _texts_of(new)


def _texts_of(legs: list[Virement]) -> list[tuple[datetime.date | None, str, str, bool, str]]:
    return [(*_approval_of(leg), leg.reason, leg.permanent, leg.decision_reference) for leg in legs]


registry.register_upload_kind(
    registry.UploadKind(
        name="virements",
        label="Virements",
        per_period=False,
        after="forecasts",
        columns=COLUMNS,
        check=check_virements,
        store=store_virements,
        known_codes=known_references,
        brings=registry.Brings.ENTRIES,
        template=virements_template,
        undo=VIREMENTS_UNDO,
        purpose="Transfers of budget, a row for each transfer between two lines. New references "
        "are added and pending ones of earlier files replaced; all others stay as they are.",
    )
)
