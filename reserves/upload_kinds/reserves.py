"""reserves.csv: the year's reserves with their opening balances."""

from collections.abc import Mapping, Sequence
from typing import Any

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from reserves.models import Reserve, ReserveKind
from reserves.rules import CODE_OF_A_ROW, names_a_statement_row, overdraft_message
from reserves.selectors import overdrafts_if_opened_at, reserves_of
from reserves.upload_kinds.faults import (
    check_lengths,
    check_once,
    find_overdrafts,
    warn_of_missing,
)

COLUMNS = (
    ColumnSpec(
        "code",
        CODE,
        required=True,
        meaning="The code by which its movements name it.",
        example="WINTER",
    ),
    ColumnSpec(
        "name", TEXT, required=True, meaning="What reports call it.", example="Winter maintenance"
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(ReserveKind.values),
        meaning="The table of the report that it is in. An earmarked reserve may not be overdrawn.",
        example="earmarked",
    ),
    ColumnSpec(
        "group",
        TEXT,
        meaning="The reserves that it is printed and added together with.",
        blank="It is printed by itself.",
        example="Service reserves",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service or directorate that it is held for.",
        blank="The whole council.",
        example="ROADS",
    ),
    ColumnSpec(
        "opening_balance",
        AMOUNT,
        required=True,
        meaning="The balance on 1 April. Negative where it begins the year in deficit.",
        example="500000.00",
    ),
    ColumnSpec(
        "purpose",
        TEXT,
        meaning="What it is held for.",
        blank="None is printed.",
        example="Gritting in hard winters",
    ),
    ColumnSpec(
        "owner",
        TEXT,
        meaning="The post that answers for it.",
        blank="None is printed.",
        example="Head of highways",
    ),
)
_OPTIONAL = ("group", "purpose", "owner")
"""Columns that a file may leave out; the stored values stay then."""


def check_reserves(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each reserve is on one row, its service exists, and it is not overdrawn."""
    check_once(table, "code", "this reserve stands on an earlier row too")
    _check_codes(table)
    check_lengths(table, "name", "group", "owner")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    stored = {reserve.code: reserve for reserve in reserves_of(target.year)}
    warn_of_missing(table, {code: each.name for code, each in stored.items()}, "code")
    if not table.problems:
        known = [row for row in table.frame.itertuples() if row.code in stored]
        for row in known:
            _warn_of_opening(table, row, stored[row.code])
        _check_overdrafts(table, known, stored)
        _warn_of_deficits(table)
    total = int(table.frame["opening_balance"].sum())
    return Prepared(table, None, totals={"opening_balance": total})


def _warn_of_deficits(table: TypedTable) -> None:
    """Warn of reserves that open in deficit: a ledger may print balances in hand as credits."""
    opening = table.frame["opening_balance"]
    rows = table.frame[(opening < 0).fillna(False)].reset_index()
    table.warn_of_each(
        rows.itertuples(),
        lambda row: (
            f"{row.name} ({row.code}) opens with a deficit of "
            f"{plain_pounds(-int(row.opening_balance))}. If the ledger prints balances in hand as "
            "credits, let a layout turn the sign of this column."
        ),
        "opening_balance",
    )


def _check_codes(table: TypedTable) -> None:
    for row, code in table.frame["code"].items():
        if names_a_statement_row(code):
            table.problem(row, "code", code, CODE_OF_A_ROW)


def _check_overdrafts(
    table: TypedTable, rows: Sequence[Any], stored: Mapping[str, Reserve]
) -> None:
    """Refuse rows whose stored movements would overdraw an earmarked reserve.

    Only those that open lower than stored, or become earmarked, are checked.
    """
    checked = {
        stored[row.code]: row
        for row in rows
        if row.kind == ReserveKind.EARMARKED and _may_overdraw(row, stored[row.code])
    }
    openings = {reserve: int(row.opening_balance) for reserve, row in checked.items()}
    for reserve, found in overdrafts_if_opened_at(openings).items():
        row, opening = checked[reserve], exact_pounds(openings[reserve])
        message = overdraft_message(row.name, found, reserve.approved_deficit_pence or 0)
        table.problem(row.Index, "opening_balance", opening, message)


def _may_overdraw(row: Any, reserve: Reserve) -> bool:
    lower = int(row.opening_balance) < reserve.opening_balance_pence
    return lower or reserve.kind != ReserveKind.EARMARKED


def _warn_of_opening(table: TypedTable, row: Any, reserve: Reserve) -> None:
    before, now = reserve.opening_balance_pence, int(row.opening_balance)
    if before != now:
        table.warn(
            f"The opening balance of {reserve.name} changes from {plain_pounds(before)} to "
            f"{plain_pounds(now)}; published reports keep what they say.",
            row.Index,
            "opening_balance",
        )


def known_reserves(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the codes of the year's reserves."""
    return {"code": {reserve.code for reserve in reserves_of(target.year)}}


def store_reserves(prepared: Prepared[None], target: Target) -> None:
    """Add or update reserves by code; those that the file does not name stay."""
    stored = {reserve.code: reserve for reserve in reserves_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given = prepared.table.given
    for order, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        reserve = stored.get(row.code) or Reserve(year=target.year, code=row.code)
        reserve.name, reserve.kind, reserve.order = row.name, row.kind, order
        reserve.opening_balance_pence = int(row.opening_balance)
        if "service_code" in given:
            reserve.service_id = services.get(row.service_code)
        for field in _OPTIONAL:
            if field in given:
                setattr(reserve, field, getattr(row, field))
        reserve.save()


def reserves_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's reserves as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "code": reserve.code,
            "name": reserve.name,
            "kind": reserve.kind,
            "group": reserve.group,
            "service_code": reserve.service.code if reserve.service else "",
            "opening_balance": reserve.opening_balance_pence,
            "purpose": reserve.purpose,
            "owner": reserve.owner,
        }
        for reserve in reserves_of(place.year)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


registry.register_upload_kind(
    registry.UploadKind(
        name="reserves",
        label="Reserves",
        per_period=False,
        columns=COLUMNS,
        check=check_reserves,
        store=store_reserves,
        known_codes=known_reserves,
        undo=RowsUndo(
            lambda target: [Reserve.objects.filter(year=target.year)], faults=find_overdrafts
        ),
        template=reserves_template,
        purpose="The year’s reserves with their balances on 1 April. Reserves are added or changed "
        "by their code; those that are not in the file stay.",
    )
)
