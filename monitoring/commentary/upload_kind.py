"""The kind of file commentary.csv: the texts of services on a period's variances."""

from council_finance import registry
from council_finance.uploads.columns import CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.commentary.models import Commentary
from monitoring.commentary.pipeline import put_text, withdraw_text
from monitoring.commentary.selectors import commentary_rows, tidy_text
from monitoring.reports.selectors.report_data import draft_data
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
        meaning="The code of the service or group that the text is about.",
        example="ADULTS",
    ),
    ColumnSpec(
        "text",
        TEXT,
        required=True,
        meaning="The explanation of its variance, as it is printed in the report.",
        example="Placements cost more than budgeted; the rise began in May.",
    ),
)


def check_commentary(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row names an open service or group, once; warn of texts that would go."""
    tree = current_tree(target.year)
    check_service_codes(table, "service_code", tree, leaf=False)
    codes = table.frame["service_code"]
    for row in codes.index[codes.duplicated() & (codes != "")]:
        table.problem(row, "service_code", codes[row], "this service stands on an earlier row too")
    _warn_of_changes(table, _stored_texts(target))
    return Prepared(table, {service.code: service.id for service in tree.register.values()})


def _warn_of_changes(table: TypedTable, stored: dict[str, Commentary]) -> None:
    """Warn of texts that the file removes, and of sign-offs that its changes clear."""
    rows = {row.service_code: row for row in table.frame.itertuples()}
    for code, commentary in stored.items():
        if code not in rows:
            table.warn(
                f"The file has no text for {commentary.service}; the one that stands is removed."
            )
        elif (signer := commentary.signed_by) and commentary.text != tidy_text(rows[code].text):
            table.warn(
                f"{signer.name} signed off another text for {commentary.service}; "
                "that sign-off is taken back.",
                rows[code].Index,
                "text",
            )


def _stored_texts(target: Target) -> dict[str, Commentary]:
    texts = Commentary.objects.filter(period=target.period).order_by("service__code")
    texts = texts.select_related("service", "signed_by", "period__year")
    return {commentary.service.code: commentary for commentary in texts}


def store_commentary(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Replace the period's texts by the file's; an unchanged text keeps writer and sign-off."""
    stored, trace = _stored_texts(target), {"upload": target.upload.pk}
    services = Service.objects.in_bulk(list(prepared.payload.values()))
    for row in prepared.table.frame.itertuples():
        put_text(
            period=target.its_period,
            service=services[prepared.payload[row.service_code]],
            before=stored.pop(row.service_code, None),
            text=row.text,
            by=target.by,
            **trace,
        )
    for commentary in stored.values():
        withdraw_text(commentary, by=target.by, **trace)


def commentary_template(place: TemplatePlace) -> TemplateContent:
    """Return the services with a text in the period, and those that commentary is due of."""
    lists = {"service_code": place.list_services()}
    if place.its_period.batch is None:
        return TemplateContent(lists=lists)
    rows = commentary_rows(draft_data(place.its_period))
    wanted = [row for row in rows if place.holds(row.node.service) and (row.text or row.due)]
    return TemplateContent(
        [{"service_code": row.node.key, "text": row.text} for row in wanted], lists
    )


registry.register_upload_kind(
    registry.UploadKind(
        name="commentary",
        label="Commentary",
        per_period=True,
        after="virements",
        columns=COLUMNS,
        check=check_commentary,
        store=store_commentary,
        undo=RowsUndo(lambda target: [Commentary.objects.filter(period=target.period)]),
        template=commentary_template,
        purpose="The explanations of the month’s variances, a row for each service. The file "
        "replaces the month’s texts: one that is not in the file is removed. A changed text needs "
        "its director’s sign-off again.",
    )
)
