"""reserves.csv: the year's reserves, with what each held when the year began."""

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.models import Service
from monitoring.selectors.inputs import current_tree
from monitoring.upload_kinds.prepared import Prepared, Target, check_service_codes
from reserves.models import Reserve, ReserveKind
from reserves.selectors import reserves_of
from reserves.upload_kinds.faults import check_lengths, check_once, warn_of_left

COLUMNS = (
    ColumnSpec("code", CODE, required=True, meaning="What its movements name it by."),
    ColumnSpec("name", TEXT, required=True),
    ColumnSpec("kind", CHOICE, required=True, choices=tuple(ReserveKind.values)),
    ColumnSpec("group", TEXT, meaning="Reserves that are printed and added together."),
    ColumnSpec("service_code", CODE, meaning="The service or directorate that it is for."),
    ColumnSpec(
        "opening_balance",
        AMOUNT,
        required=True,
        meaning="On 1 April; negative where it begins the year in deficit.",
    ),
    ColumnSpec("purpose", TEXT, meaning="What it is held for."),
    ColumnSpec("owner", TEXT, meaning="Who answers for it."),
)
_OPTIONAL = ("group", "purpose", "owner")
"""Columns that a file may leave out; what stands stays then."""


def check_reserves(table: TypedTable, target: Target) -> Prepared:
    """Check that each reserve stands once, under a service that there is."""
    check_once(table, "code", "this reserve stands on an earlier row too")
    check_lengths(table, "name", "group", "owner")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    standing = {reserve.code: reserve for reserve in reserves_of(target.year)}
    warn_of_left(table, {code: each.name for code, each in standing.items()}, "code")
    for row in table.frame.itertuples():
        if not table.problems and row.code in standing:
            _warn_of_opening(table, row, standing[row.code])
    total = table.frame["opening_balance"].sum()
    return Prepared(table, totals={"opening_balance": int(total)})


def _warn_of_opening(table: TypedTable, row, reserve: Reserve) -> None:
    before, now = reserve.opening_balance_pence, int(row.opening_balance)
    if before != now:
        table.warn(
            f"The opening balance of {reserve.name} changes from {plain_pounds(before)} to "
            f"{plain_pounds(now)}; published reports keep what they say.",
            row.Index,
            "opening_balance",
        )


def store_reserves(prepared: Prepared, target: Target) -> None:
    """Add or update by code; a reserve that the file does not name stays as it is."""
    standing = {reserve.code: reserve for reserve in reserves_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given = prepared.table.given
    for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        reserve = standing.get(row.code) or Reserve(year=target.year, code=row.code)
        reserve.name, reserve.kind, reserve.order = row.name, row.kind, place
        reserve.opening_balance_pence = int(row.opening_balance)
        if "service_code" in given:
            reserve.service_id = services.get(row.service_code)
        for field in _OPTIONAL:
            if field in given:
                setattr(reserve, field, getattr(row, field))
        reserve.save()


registry.register_upload_kind(
    registry.UploadKind(
        name="reserves",
        label="Reserves",
        per_period=False,
        order=50,
        columns=COLUMNS,
        check=check_reserves,
        store=store_reserves,
    )
)
