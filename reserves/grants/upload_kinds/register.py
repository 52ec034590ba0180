"""grants.csv of a year: its grants, each with its share by service."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from reserves.grants.calculations import add_given
from reserves.grants.models import Grant, GrantKind, GrantShare
from reserves.grants.rules import REFERENCE_OF_A_ROW, names_a_statement_row
from reserves.grants.selectors import grants_of, shares_of
from reserves.upload_kinds.faults import check_lengths

NAME = "grants"
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The grant’s reference. It may stand on several rows: one for each service.",
        example="G01",
    ),
    ColumnSpec(
        "grant", TEXT, required=True, meaning="What reports call it.", example="Public Health"
    ),
    ColumnSpec(
        "awarding_body",
        TEXT,
        meaning="Who pays the grant.",
        blank="None is printed.",
        example="Department of Health",
    ),
    ColumnSpec(
        "group",
        TEXT,
        meaning="The grants that it is printed and added together with.",
        blank="It stands outside the groups.",
        example="Non Baselined Grants",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service or directorate that has this share.",
        blank="The whole council.",
        example="CHILD",
    ),
    ColumnSpec(
        "expected",
        AMOUNT,
        meaning="What is expected for the year, positive.",
        blank="Not given, which is not nil.",
        example="170480.00",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        choices=tuple(GrantKind.values),
        meaning="Whether it pays for revenue or for capital spending.",
        blank="Revenue.",
        example="revenue",
    ),
    ColumnSpec(
        "ring_fenced",
        CHOICE,
        choices=("yes", "no"),
        meaning="Whether it may be spent on its purpose alone.",
        blank="Not stated.",
        example="yes",
    ),
    ColumnSpec(
        "opening_balance",
        AMOUNT,
        meaning="What was unspent on 1 April. Negative where more was spent than received.",
        blank="Nothing was brought forward.",
        example="25000.00",
    ),
    ColumnSpec(
        "purpose",
        TEXT,
        meaning="What it may be spent on.",
        blank="None is printed.",
        example="Support for unaccompanied children",
    ),
    ColumnSpec(
        "end_date",
        DATE,
        meaning="The last day on which it may be spent.",
        blank="Not known.",
        example="2022-03-31",
    ),
    ColumnSpec(
        "repay_unspent",
        CHOICE,
        choices=("yes", "no"),
        meaning="Whether what is unspent at its end has to be given back.",
        blank="Not stated.",
        example="no",
    ),
)
_SAME_ON_EVERY_ROW = ("grant", "group", "kind", "ring_fenced", "end_date", "repay_unspent")
_JOINED = ("awarding_body", "purpose")
_YES_OR_NO = {"yes": True, "no": False}
Rows = dict[str, list[Any]]
"""The rows of a file by the reference of their grant, in the order of the file."""


def check_grants(table: TypedTable, target: Target) -> Prepared[Rows]:
    """Check that a grant's rows agree and are for different services; warn of what may be wrong."""
    check_lengths(table, "grant", "awarding_body", "group")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    rows = _rows_by_reference(table.frame)
    for reference, own in rows.items():
        if names_a_statement_row(reference):
            table.problem(own[0].Index, "reference", reference, REFERENCE_OF_A_ROW)
        _check_rows_of_a_grant(table, own)
    for grant in grants_of(target.year):
        if grant.reference not in rows:
            table.warn(f"{grant} is not in the file; it stays as it is stored.")
    _warn_of_credits(table)
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum())
        for name in ("expected", "opening_balance")
        if name in table.given
    }
    return Prepared(table, rows, totals=totals)


def _rows_by_reference(frame: pd.DataFrame) -> Rows:
    found: Rows = defaultdict(list)
    for row in frame.itertuples():
        if row.reference:
            found[row.reference].append(row)
    return dict(found)


def _check_rows_of_a_grant(table: TypedTable, rows: list[Any]) -> None:
    services: set[str] = set()
    for row in rows:
        if row.service_code in services:
            message = "this grant has a row for the same service further up"
            table.problem(row.Index, "service_code", row.service_code, message)
        services.add(row.service_code)
    for column in _SAME_ON_EVERY_ROW:
        said = _first_given(rows, column)
        for row in rows:
            value = getattr(row, column)
            if _is_given(value) and value != said:
                message = f"the rows of a grant must agree; an earlier row says {said}"
                table.problem(row.Index, column, value, message)


def _is_given(value: object) -> bool:
    return value is not None and value != ""


def _first_given(rows: list[Any], column: str) -> Any:
    """Return what the first row says that says something; an empty text where none does."""
    return next((v for row in rows if _is_given(v := getattr(row, column))), "")


def _warn_of_credits(table: TypedTable) -> None:
    """Warn where a grant is expected to be negative: a ledger prints income as a credit."""
    rows = table.frame[(table.frame["expected"] < 0).fillna(False)].reset_index()
    table.warn_of_each(
        rows.itertuples(),
        lambda row: (
            f"{row.reference} is expected to bring {plain_pounds(int(row.expected))}, less than "
            "nil. If the ledger prints grants as credits, let a layout turn the sign of this "
            "column."
        ),
        "expected",
    )


def known_grants(prepared: Prepared[Rows], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's grants."""
    return {"reference": {grant.reference for grant in grants_of(target.year)}}


def store_grants(prepared: Prepared[Rows], target: Target) -> None:
    """Add or update grants by reference and replace their shares; grants not named stay."""
    stored = {grant.reference: grant for grant in grants_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given, shares = prepared.table.given, []
    for order, (reference, rows) in enumerate(prepared.payload.items(), start=1):
        grant = stored.get(reference) or Grant(year=target.year, reference=reference)
        grant.name, grant.order = _first_given(rows, "grant"), order
        for field, value in _conditions_of(rows, given).items():
            setattr(grant, field, value)
        grant.save()
        shares += [
            GrantShare(
                grant=grant,
                service_id=services.get(row.service_code),
                expected_pence=_pence_or_none(row.expected),
                order=place,
            )
            for place, row in enumerate(rows, start=1)
        ]
    GrantShare.objects.filter(grant__in=[share.grant for share in shares]).delete()
    GrantShare.objects.bulk_create(shares)


def _conditions_of(rows: list[Any], given: set[str]) -> dict[str, Any]:
    """Return the fields of a grant for which the file has columns; the others stay as stored."""
    opening = [_pence_or_none(row.opening_balance) for row in rows]
    values = {
        **{name: _join_texts(getattr(row, name) for row in rows) for name in _JOINED},
        "group": _first_given(rows, "group"),
        "kind": _first_given(rows, "kind") or GrantKind.REVENUE,
        "ring_fenced": _YES_OR_NO.get(_first_given(rows, "ring_fenced")),
        "end_date": _first_given(rows, "end_date") or None,
        "repay_unspent": _YES_OR_NO.get(_first_given(rows, "repay_unspent")),
        "opening_balance": add_given(opening),
    }
    fields = {"opening_balance": "opening_balance_pence"}
    return {fields.get(name, name): values[name] for name in values if name in given}


def _join_texts(texts: Iterable[str]) -> str:
    """Return the texts that rows of one grant give, each once."""
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _pence_or_none(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def grants_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's grants as they are stored, a row for each share."""
    grants = grants_of(place.year)
    shares = shares_of(grants)
    rows: list[Mapping[str, Value]] = [
        _template_row(grant, share, is_first=number == 0)
        for grant in grants
        for number, share in enumerate(shares[grant.pk])
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


def _template_row(grant: Grant, share: GrantShare, *, is_first: bool) -> dict[str, Value]:
    return {
        "reference": grant.reference,
        "grant": grant.name,
        "awarding_body": grant.awarding_body,
        "group": grant.group,
        "service_code": share.service.code if share.service else "",
        "expected": share.expected_pence,
        "kind": grant.kind,
        "ring_fenced": _in_words(grant.ring_fenced),
        "opening_balance": grant.opening_balance_pence if is_first else None,
        "purpose": grant.purpose,
        "end_date": grant.end_date,
        "repay_unspent": _in_words(grant.repay_unspent),
    }


def _in_words(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[answer]


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Grants",
        per_period=False,
        after="capital_receipts",
        columns=COLUMNS,
        needs_one_of=("expected",),
        check=check_grants,
        store=store_grants,
        undo=RowsUndo(
            lambda target: [
                Grant.objects.filter(year=target.year),
                GrantShare.objects.filter(grant__year=target.year),
            ]
        ),
        template=grants_template,
        purpose="The year’s grants with their conditions and shares by service. Grants are added "
        "or changed by their reference; those that are not in the file stay.",
        known_codes=known_grants,
    )
)
