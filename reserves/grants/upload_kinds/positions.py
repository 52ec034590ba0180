"""grants.csv of a period: what was received and applied of each grant."""

from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from reserves.grants.models import GrantPosition
from reserves.grants.selectors import grants_of, positions_in
from reserves.upload_kinds.faults import check_once

NAME = "grants"
AMOUNTS = ("expected", "received", "applied", "repaid", "other_movements")
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The grant’s reference, as in the year’s grants.",
        example="G01",
    ),
    ColumnSpec(
        "expected",
        AMOUNT,
        meaning="What is expected for the year now, positive.",
        blank="What the year’s file expects.",
        example="293400.00",
    ),
    ColumnSpec(
        "received",
        AMOUNT,
        meaning="What was received in the year.",
        blank="Not given: no balance is carried forward then.",
        example="293400.00",
    ),
    ColumnSpec(
        "applied",
        AMOUNT,
        meaning="What was spent of it in the year.",
        blank="Not given: no balance is carried forward then.",
        example="280000.00",
    ),
    ColumnSpec(
        "repaid",
        AMOUNT,
        meaning="What was given back, positive.",
        blank="Nothing was given back.",
        example="5000.00",
    ),
    ColumnSpec(
        "other_movements",
        AMOUNT,
        meaning="Any other change of the balance: more is positive, less is negative.",
        blank="There was none.",
        example="-1000.00",
    ),
    ColumnSpec(
        "commentary",
        TEXT,
        meaning="What is happening with the grant.",
        blank="No text is printed.",
        example="The rest is claimed in June.",
    ),
)
_UNKNOWN = "there is no grant with this reference; the references are those of the year’s grants"


def check_positions(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row names a grant of the year, once; warn of grants that are left out."""
    check_once(table, "reference", "this grant stands on an earlier row too")
    grants = {grant.reference: grant for grant in grants_of(target.year)}
    for row, reference in table.frame["reference"].items():
        if reference and reference not in grants:
            table.problem(row, "reference", reference, _UNKNOWN)
    named = set(table.frame["reference"])
    if left := [grant.name for reference, grant in grants.items() if reference not in named]:
        counted = "1 grant has" if len(left) == 1 else f"{len(left)} grants have"
        table.warn(f"{counted} no row and will not be reported: {', '.join(left[:20])}.")
    ids = {reference: grant.pk for reference, grant in grants.items()}
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum()) for name in AMOUNTS if name in table.given
    }
    return Prepared(table, ids, totals=totals)


def store_positions(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Replace the period's positions by those of the file."""
    GrantPosition.objects.filter(period=target.its_period).delete()
    GrantPosition.objects.bulk_create(
        GrantPosition(
            grant_id=prepared.payload[row.reference],
            period=target.its_period,
            commentary=row.commentary,
            **{f"{name}_pence": _pence_or_none(getattr(row, name)) for name in AMOUNTS},
        )
        for row in prepared.table.frame.itertuples(index=False)
    )


def _pence_or_none(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def positions_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's grants with the period's positions, which are blank at first."""
    grants, stored = grants_of(place.year), positions_in(place.its_period)
    rows = [
        {
            "reference": grant.reference,
            **{name: getattr(position, f"{name}_pence") for name in AMOUNTS},
            "commentary": position.commentary,
        }
        for grant in grants
        for position in [stored.get(grant.pk) or GrantPosition()]
    ]
    codes = [ListedCode(grant.reference, grant.name) for grant in grants]
    return TemplateContent(rows, {"reference": CodeList(codes)})


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Grants: position",
        per_period=True,
        after="capital_receipts",
        columns=COLUMNS,
        check=check_positions,
        store=store_positions,
        undo=RowsUndo(lambda target: [GrantPosition.objects.filter(period=target.period)]),
        template=positions_template,
        purpose="What was received and applied of each grant, and what was given back. The file "
        "replaces the month’s positions.",
    )
)
