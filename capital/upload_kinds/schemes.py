"""capital.csv: the schemes of a year's programme."""

from collections.abc import Mapping, Set
from typing import Any

import pandas as pd

from capital.calculations import compare_amounts
from capital.models import (
    COMPLETION_LENGTH,
    NAME_LENGTH,
    TEXT_LENGTH,
    CapitalScheme,
    SchemeKind,
)
from capital.selectors import funding_of, scheme_names, schemes_of
from capital.upload_kinds.faults import (
    check_lengths,
    check_once,
    check_row_keys,
    given_amounts,
    put_rows,
    to_pence,
    warn_of_missing,
    warn_of_shortfalls,
)
from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ files name the scheme.",
        example="CAP-01",
    ),
    ColumnSpec(
        "scheme", TEXT, required=True, meaning="What reports call it.", example="New primary school"
    ),
    ColumnSpec(
        "programme",
        TEXT,
        meaning="The heading under which reports print it.",
        blank="It has no heading.",
        example="Schools",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service or directorate that answers for it.",
        blank="The whole council.",
        example="EDUCATION",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place in reports.",
        blank="Its place in the file.",
        example="1",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        choices=tuple(SchemeKind.values),
        meaning="“variations” is the negative line for slippage that cannot be placed on a scheme "
        "yet, “financing” is capitalised interest.",
        blank="A scheme.",
        example="scheme",
    ),
    ColumnSpec(
        "original_budget",
        AMOUNT,
        meaning="This year’s budget as in the business plan.",
        blank="None: the scheme came after the plan.",
        example="1500000.00",
    ),
    ColumnSpec(
        "prior_years",
        AMOUNT,
        meaning="What was spent in the years before.",
        blank="Not given, which is not nil.",
        example="250000.00",
    ),
    ColumnSpec(
        "total_budget",
        AMOUNT,
        meaning="The approved budget of the whole scheme, over all years.",
        blank="Not given, which is not nil.",
        example="6000000.00",
    ),
    ColumnSpec(
        "completion",
        TEXT,
        meaning="When it is planned to be complete: a date or a term, as you write it.",
        blank="None is printed.",
        example="March 2021",
    ),
    ColumnSpec(
        "purpose",
        TEXT,
        meaning="What it is for.",
        blank="None is printed.",
        example="210 more places",
    ),
)
_LENGTHS = {
    "scheme": NAME_LENGTH,
    "programme": NAME_LENGTH,
    "completion": COMPLETION_LENGTH,
    "purpose": TEXT_LENGTH,
}
_AMOUNTS = ("original_budget", "prior_years", "total_budget")


def check_schemes(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each scheme is on one row and its service is open; warn of what may be wrong."""
    check_once(table, ["reference"], "this reference stands on an earlier row too")
    check_row_keys(table)
    check_lengths(table, _LENGTHS)
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    _check_places(table)
    if not table.problems:
        _warn_of_positive_variations(table)
        stored = schemes_of(target.year)
        warn_of_missing(table, scheme_names(stored), "it stays as it is stored")
        _warn_of_balance(table, target)
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum()) for name in _AMOUNTS if name in table.given
    }
    return Prepared(table, None, totals)


def _check_places(table: TypedTable) -> None:
    places = table.frame["order"]
    for row in places.index[(places < 0).fillna(False)]:
        table.problem(row, "order", places[row], "a place is a number from 0")


def _warn_of_positive_variations(table: TypedTable) -> None:
    frame = table.frame
    rows = frame[(frame["kind"] == SchemeKind.VARIATIONS) & (frame["original_budget"] > 0)]
    for row in rows.index:
        table.warn(
            f"{frame['reference'][row]}: a variations budget is negative; this one is above nil. "
            "A layout can turn the sign of this column.",
            row,
            "original_budget",
        )


def _warn_of_balance(table: TypedTable, target: Target) -> None:
    """Warn where the original budgets, as they will be stored, are not the original funding."""
    named = set(table.frame["reference"])
    spent = [
        scheme.original_budget_pence
        for scheme in schemes_of(target.year)
        if scheme.reference not in named
    ]
    spent += [to_pence(pence) for pence in table.frame["original_budget"]]
    paid = [source.original_pence for source in funding_of(target.year)]
    warn_of_shortfalls(table, [compare_amounts("original", *map(given_amounts, (spent, paid)))])


def known_schemes(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's schemes."""
    return {"reference": {scheme.reference for scheme in schemes_of(target.year)}}


def store_schemes(prepared: Prepared[None], target: Target) -> None:
    """Add or change schemes by reference; those that the file does not name stay."""
    known = {scheme.reference: scheme for scheme in schemes_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given, changed = prepared.table.given, []
    for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        scheme = known.get(row.reference) or CapitalScheme(
            year=target.year, reference=row.reference
        )
        _set_fields(scheme, row, given)
        scheme.order = place if pd.isna(row.order) else int(row.order)
        if "service_code" in given:
            scheme.service_id = services.get(row.service_code)
        changed.append(scheme)
    put_rows(changed)


def _set_fields(scheme: CapitalScheme, row: Any, given: Set[str]) -> None:
    """Set what the file gives; a column that it does not have leaves the stored value."""
    scheme.name = row.scheme
    if "kind" in given:
        scheme.kind = row.kind or SchemeKind.SCHEME
    for name in _AMOUNTS:
        if name in given:
            setattr(scheme, f"{name}_pence", to_pence(getattr(row, name)))
    for name in ("programme", "completion", "purpose"):
        if name in given:
            setattr(scheme, name, getattr(row, name))


def schemes_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's schemes as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": scheme.reference,
            "scheme": scheme.name,
            "programme": scheme.programme,
            "service_code": scheme.service.code if scheme.service else "",
            "order": scheme.order,
            "kind": scheme.kind,
            "original_budget": scheme.original_budget_pence,
            "prior_years": scheme.prior_years_pence,
            "total_budget": scheme.total_budget_pence,
            "completion": scheme.completion,
            "purpose": scheme.purpose,
        }
        for scheme in schemes_of(place.year)
        if scheme.service_id is None or place.holds(scheme.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


registry.register_upload_kind(
    registry.UploadKind(
        name="capital",
        label="Capital schemes",
        per_period=False,
        columns=COLUMNS,
        needs_one_of=("original_budget",),
        check=check_schemes,
        store=store_schemes,
        known_codes=known_schemes,
        undo=RowsUndo(lambda target: [CapitalScheme.objects.filter(year=target.year)]),
        template=schemes_template,
        purpose="The schemes of the capital programme with their budgets of the business plan. "
        "Schemes are added or changed by their reference; those that are not in the file stay.",
    )
)
