"""commentary.csv: what services say about a period's variances."""

from council_finance import registry
from council_finance.uploads.columns import CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.models import Commentary
from monitoring.selectors.inputs import current_tree
from monitoring.upload_kinds.prepared import Prepared, Target, check_service_codes

COLUMNS = (
    ColumnSpec("service_code", CODE, required=True),
    ColumnSpec("text", TEXT, required=True),
)


def check_commentary(table: TypedTable, target: Target) -> Prepared:
    """Check that each row names an open service or group, once."""
    tree = current_tree(target.year)
    check_service_codes(table, "service_code", tree, leaf=False)
    codes = table.frame["service_code"]
    for row in codes.index[codes.duplicated() & (codes != "")]:
        table.problem(row, "service_code", codes[row], "this service stands on an earlier row too")
    return Prepared(table, payload={s.code: s.id for s in tree.register.values()})


def store_commentary(prepared: Prepared, target: Target) -> None:
    """The file's texts replace the period's."""
    Commentary.objects.filter(period=target.period).delete()
    Commentary.objects.bulk_create(
        Commentary(
            period=target.period, service_id=prepared.payload[row.service_code], text=row.text
        )
        for row in prepared.table.frame.itertuples()
    )


registry.register_upload_kind(
    registry.UploadKind(
        name="commentary",
        label="Commentary",
        per_period=True,
        order=40,
        columns=COLUMNS,
        check=check_commentary,
        store=store_commentary,
    )
)
