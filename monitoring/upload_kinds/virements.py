"""virements.csv: the year's register of budget transfers."""

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.models import BudgetLine, Virement, VirementKind
from monitoring.upload_kinds.prepared import Prepared, Target

COLUMNS = (
    ColumnSpec("reference", CODE, required=True),
    ColumnSpec("period", WHOLE, required=True),
    ColumnSpec("from_cost_centre", CODE),
    ColumnSpec("from_account", CODE),
    ColumnSpec("to_cost_centre", CODE),
    ColumnSpec("to_account", CODE),
    ColumnSpec("amount", AMOUNT, required=True),
    ColumnSpec("kind", CHOICE, required=True, choices=tuple(VirementKind.values)),
    ColumnSpec("forecast_amount", AMOUNT),
    ColumnSpec("approved_by"),
    ColumnSpec("approved_on", DATE),
    ColumnSpec("reverses", CODE),
    ColumnSpec("reason"),
)
_APPROVER_LENGTH = 300
FIGURES = (
    "period",
    "from_line_id",
    "to_line_id",
    "amount_pence",
    "forecast_amount_pence",
    "kind",
    "reverses",
)


def check_virements(table: TypedTable, target: Target) -> Prepared:
    """Check ends, amounts and reversals, and that nothing approved is changed."""
    lines = {
        (line.cost_centre, line.account): line.pk
        for line in BudgetLine.objects.filter(year=target.year)
    }
    for row in table.frame.itertuples():
        _check_amounts(table, row)
        for end in ("from", "to"):
            _check_end(table, row, end, lines)
    legs = _legs(table, target, lines)
    _check_reversals(table, legs, target)
    _check_unchanged(table, legs, target)
    return Prepared(table, payload=legs, totals={"amount": int(table.frame["amount"].sum())})


def _check_amounts(table: TypedTable, row) -> None:
    if not pd.isna(row.period) and row.period > CLOSE:
        table.problem(row.Index, "period", row.period, "a period is a number from 0 to 13")
    if not pd.isna(row.amount) and row.amount <= 0:
        message = "the amount is positive; from and to say which way it goes"
        table.problem(row.Index, "amount", exact_pounds(int(row.amount)), message)
    if not pd.isna(row.forecast_amount) and row.forecast_amount < 0:
        message = "the spending that moves is nil or positive"
        found = exact_pounds(int(row.forecast_amount))
        table.problem(row.Index, "forecast_amount", found, message)
    if len(row.approved_by) > _APPROVER_LENGTH:
        message = f"the text has more than {_APPROVER_LENGTH} characters"
        table.problem(row.Index, "approved_by", "", message)


def _check_end(table: TypedTable, row, end: str, lines: dict) -> None:
    centre, account = _end(row, end)
    other = _end(row, "to" if end == "from" else "from")
    if (centre, account) == ("", ""):
        if end == "from" and other == ("", "") and not row.reverses:
            message = "a virement needs a line it comes from or a line it goes to"
            table.problem(row.Index, "from_cost_centre", "", message)
        return
    if (centre, account) not in lines:
        message = "there is no budget line with this cost centre and account"
        table.problem(row.Index, f"{end}_cost_centre", f"{centre}/{account}", message)
    elif (centre, account) == other and end == "to":
        message = "it goes to the line it comes from"
        table.problem(row.Index, "to_cost_centre", f"{centre}/{account}", message)


def _end(row, end: str) -> tuple[str, str]:
    return getattr(row, f"{end}_cost_centre"), getattr(row, f"{end}_account")


def _legs(table: TypedTable, target: Target, lines: dict) -> dict[str, list[Virement]]:
    """The file's virements by reference; each leg remembers its row.

    A reference with a fault in any of its rows is left out: it has been told.
    """
    faulty = {problem.row for problem in table.problems}
    wrong = set(table.frame.loc[table.frame.index.isin(faulty), "reference"])
    legs: dict[str, list[Virement]] = {}
    for row in table.frame[~table.frame["reference"].isin(wrong)].itertuples():
        same = legs.setdefault(row.reference, [])
        leg = Virement(
            year=target.year,
            reference=row.reference,
            leg=len(same) + 1,
            period=int(row.period),
            from_line_id=lines.get(_end(row, "from")),
            to_line_id=lines.get(_end(row, "to")),
            amount_pence=int(row.amount),
            forecast_amount_pence=_forecast_amount(row),
            kind=row.kind,
            approved_by=row.approved_by,
            approved_on=row.approved_on,
            reverses=row.reverses,
            reason=row.reason,
        )
        leg.row, leg.forecast_given = row.Index, not pd.isna(row.forecast_amount)
        same.append(leg)
    for reference, same in legs.items():
        if len({(leg.period, leg.approved_on, leg.approved_by) for leg in same}) > 1:
            message = "the legs of a reference have one period and are approved together"
            table.problem(same[-1].row, "reference", reference, message)
    return legs


def _forecast_amount(row) -> int:
    """By default nothing where it funds a pressure, the same amount where a team moves."""
    if not pd.isna(row.forecast_amount):
        return int(row.forecast_amount)
    return int(row.amount) if row.kind == VirementKind.TECHNICAL else 0


def _check_reversals(table: TypedTable, legs: dict, target: Target) -> None:
    """A reversal goes the opposite way; ends and spending it does not give are its original's.

    All reversals of a virement together take back no more than it moved.
    """
    register: dict[str, list[Virement]] = {}
    for virement in Virement.objects.filter(year=target.year).exclude(reference__in=legs):
        register.setdefault(virement.reference, []).append(virement)
    register |= legs
    taken: dict[tuple, int] = {}
    for leg in (leg for same in register.values() for leg in same if leg.reverses):
        if leg.reference not in legs:
            _take(taken, leg)
    for leg in (leg for same in legs.values() for leg in same if leg.reverses):
        if fault := _reverse(leg, register.get(leg.reverses, []), taken):
            table.problem(leg.row, "reverses", leg.reverses, fault)


def _take(taken: dict[tuple, int], leg: Virement) -> int:
    """Count what a leg takes back of the original leg with the opposite ends."""
    key = (leg.reverses, leg.to_line_id, leg.from_line_id)
    taken[key] = taken.get(key, 0) + leg.amount_pence
    return taken[key]


def _reverse(leg: Virement, originals: list[Virement], taken: dict[tuple, int]) -> str:
    if not originals or leg.reverses == leg.reference:
        return "there is no other virement with that reference"
    if leg.from_line_id is None and leg.to_line_id is None:
        if len(originals) > 1:
            return "that virement has several legs; say from where to where each is taken back"
        leg.from_line_id, leg.to_line_id = originals[0].to_line_id, originals[0].from_line_id
    ends = (leg.to_line_id, leg.from_line_id)
    mirrored = [one for one in originals if (one.from_line_id, one.to_line_id) == ends]
    if not mirrored:
        return "a reversal moves the money back: from where it went, to where it came from"
    moved = sum(original.amount_pence for original in mirrored)
    if _take(taken, leg) > moved:
        return (
            f"that is more than was moved, which is {plain_pounds(moved)} for all reversals of it"
        )
    if not leg.forecast_given and leg.amount_pence == mirrored[0].amount_pence:
        leg.forecast_amount_pence = mirrored[0].forecast_amount_pence
    return ""


def _check_unchanged(table: TypedTable, legs: dict, target: Target) -> None:
    """An approved virement stays as it was approved: what is wrong with it is taken back."""
    message = "this virement is approved; take it back with one that names it in reverses"
    for reference, same in legs.items():
        stored = list(Virement.objects.filter(year=target.year, reference=reference))
        if not stored or stored[0].approved_on is None:
            continue
        if len(stored) != len(same) or any(
            getattr(old, name) != getattr(new, name)
            for old, new in zip(stored, same, strict=True)
            for name in (*FIGURES, "approved_on", "approved_by")
        ):
            table.problem(same[0].row, "reference", reference, message)


def store_virements(prepared: Prepared, target: Target) -> None:
    """Add new references and replace pending ones; approved ones stand as they are."""
    for reference, legs in prepared.payload.items():
        stored = Virement.objects.filter(year=target.year, reference=reference)
        if stored.filter(approved_on__isnull=False).exists():
            continue
        stored.delete()
        Virement.objects.bulk_create(legs)


registry.register_upload_kind(
    registry.UploadKind(
        name="virements",
        label="Virements",
        per_period=False,
        order=30,
        columns=COLUMNS,
        check=check_virements,
        store=store_virements,
    )
)
