"""The kind of file aged_debt.csv: amounts owed to the council, by how long they are overdue."""

from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.debt.models import AgedDebt
from monitoring.debt.selectors import BANDS
from monitoring.structure.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

COLUMNS = (
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service that the money is owed to.",
        example="ADULTS",
    ),
    ColumnSpec(
        "name",
        TEXT,
        meaning="What the row is called, where a service has several.",
        blank="The service’s own name.",
        example="Client contributions",
    ),
    *(
        ColumnSpec(
            band,
            AMOUNT,
            meaning=f"Owed to the council, {words}. Credits are negative.",
            blank="Not given, which is not nil. A row needs a figure in at least one band.",
            example="18400.00",
        )
        for band, words in BANDS.items()
    ),
)
_NAME_LENGTH = 300


def check_aged_debt(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each service and name is given once, with a figure in at least one band."""
    tree = current_tree(target.year)
    check_service_codes(table, "service_code", tree, leaf=False)
    names = {service.code: service.name for service in tree.register.values()}
    frame = table.frame
    given = frame["name"].where(frame["name"] != "", frame["service_code"].map(names))
    table.frame = frame.assign(name=given.fillna(""))
    for row in table.frame.index[table.frame["name"].str.len() > _NAME_LENGTH]:
        table.problem(row, "name", "", f"the text has more than {_NAME_LENGTH} characters")
    for row in table.frame.index[table.frame.duplicated(["service_code", "name"])]:
        if name := table.frame["name"][row]:
            message = "this service and name stand on an earlier row too"
            table.problem(row, "name", name, message)
    faulty = {problem.row for problem in table.problems}
    for row in frame.index[frame[list(BANDS)].isna().all(axis=1)]:
        if row not in faulty:
            table.problem(row, "not_overdue", "", "no band of this row has a figure")
    totals: dict[str, int | None] = {band: int(frame[band].sum()) for band in BANDS}
    return Prepared(table, None, totals)


def store_aged_debt(prepared: Prepared[None], target: Target) -> None:
    """Replace the period's aged debt by the file's."""
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    AgedDebt.objects.filter(period=target.period).delete()
    AgedDebt.objects.bulk_create(
        AgedDebt(
            period=target.period,
            service_id=services[row.service_code],
            name=row.name,
            order=place,
            **{f"{band}_pence": _whole_pence(getattr(row, band)) for band in BANDS},
        )
        for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1)
    )


def _whole_pence(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def debt_template(place: TemplatePlace) -> TemplateContent:
    """Return the period's rows; where it has none the names of the last period's, to be filled."""
    stored = AgedDebt.objects.filter(period__year=place.year).select_related("service", "period")
    stored = stored.filter(period__number__lte=place.its_period.number)
    last = stored.order_by("-period__number").first()
    found = stored.filter(period=last.period).order_by("order") if last else stored.none()
    is_own = last is not None and last.period == place.its_period
    rows = [
        {
            "service_code": row.service.code,
            "name": row.name,
            **{band: getattr(row, f"{band}_pence") if is_own else None for band in BANDS},
        }
        for row in found
        if place.holds(row.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


registry.register_upload_kind(
    registry.UploadKind(
        name="aged_debt",
        label="Aged debt",
        per_period=True,
        after=registry.ALL_OTHERS,
        columns=COLUMNS,
        check=check_aged_debt,
        store=store_aged_debt,
        undo=RowsUndo(lambda target: [AgedDebt.objects.filter(period=target.period)]),
        template=debt_template,
        purpose="What is owed to the council at the end of the month, by how long it is overdue. "
        "The file replaces the month’s rows.",
    )
)
