"""The kind of file mitigations.csv: what services state about their variances of a period."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.figures.models import NodeFigure
from monitoring.mitigations.calculations import (
    MITIGATION,
    ONE_OFF,
    PARTS,
    RECURRING,
    StatedPart,
    excess_of,
)
from monitoring.mitigations.models import DESCRIPTION_LENGTH, VariancePart
from monitoring.mitigations.pipeline import put_parts
from monitoring.mitigations.selectors import stored_parts
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
        meaning="The code of the service that the variance belongs to.",
        example="ADULTS",
    ),
    ColumnSpec(
        "part",
        CHOICE,
        required=True,
        choices=PARTS,
        meaning="one_off or recurring for that part of the net variance, or mitigation for what "
        "brings it down and is in the forecast already.",
        example="mitigation",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="The amount; an overspend is positive, and a mitigation has a minus. A mitigation "
        "of 0 without a description says that there are none.",
        example="-120000.00",
    ),
    ColumnSpec(
        "description",
        TEXT,
        meaning="What the mitigation is, or the reason for the part.",
        blank="No reason is given. A mitigation other than 0 needs one.",
        example="Vacant posts are held until March",
    ),
    ColumnSpec(
        "lasting",
        CHOICE,
        choices=(ONE_OFF, RECURRING),
        meaning="Of a mitigation: one_off or recurring.",
        blank="Not stated.",
        example="one_off",
    ),
)
StatedByService = dict[str, list[StatedPart]]


def check_mitigations(table: TypedTable, target: Target) -> Prepared[StatedByService]:
    """Check each row, and each service's one-off and recurring part once; warn of an excess."""
    check_service_codes(table, "service_code", current_tree(target.year), leaf=True)
    frame = table.frame
    for row in frame.itertuples():
        for column, found, message in _row_faults(row):
            table.problem(row.Index, column, found, message)
    parts = frame[(frame["part"] != MITIGATION) & (frame["part"] != "")]
    for row in parts[parts.duplicated(["service_code", "part"])].itertuples():
        message = "this service has the same part on an earlier row"
        table.problem(row.Index, "part", row.part, message)
    stated: StatedByService = {}
    for row in frame.dropna(subset=["amount"]).itertuples():
        part = StatedPart(row.part, int(row.amount), row.description, row.lasting)
        stated.setdefault(row.service_code, []).append(part)
    if not table.problems:
        _warn_of_excess(table, target, stated)
    return Prepared(table, stated, {"amount": int(frame["amount"].sum())})


def _row_faults(row: Any) -> Iterator[tuple[str, str, str]]:
    """Yield column, what was found and what is wrong, of a row of the file."""
    if row.part != MITIGATION and row.lasting:
        yield "lasting", row.lasting, "only a mitigation has it; leave it blank"
    if len(row.description) > DESCRIPTION_LENGTH:
        yield "description", "", f"the text has more than {DESCRIPTION_LENGTH:,} characters"
    if row.part != MITIGATION or pd.isna(row.amount):
        return
    if row.amount > 0:
        found = plain_pounds(int(row.amount))
        yield "amount", found, "a mitigation brings the variance down: give it with a minus"
    if row.amount < 0 and not row.description:
        yield "description", "", "say what the mitigation is"


def _warn_of_excess(table: TypedTable, target: Target, stated: StatedByService) -> None:
    """Warn of services whose parts go beyond the net variance as it is now."""
    figures = NodeFigure.objects.filter(period=target.its_period, kind="service")
    nets = dict(figures.values_list("service__code", "net_variance_pence"))
    for code, parts in stated.items():
        net = nets.get(code)
        if net is not None and (excess := excess_of(parts, net)):
            table.warn(
                f"{code}: one-off and recurring parts come to {plain_pounds(net + excess)}, and "
                f"the net variance is {plain_pounds(net)}; the difference is shown as not stated."
            )


def store_mitigations(prepared: Prepared[StatedByService], target: Target) -> None:
    """Replace what is stated in the period by the file's; unchanged services keep their writer."""
    before: dict[str, list[VariancePart]] = {}
    for row in stored_parts(target.its_period):
        before.setdefault(row.service.code, []).append(row)
    codes = {*before, *prepared.payload}
    services = Service.objects.filter(year=target.year, code__in=codes)
    for service in services.order_by("code"):
        put_parts(
            period=target.its_period,
            service=service,
            before=before.get(service.code, []),
            parts=prepared.payload.get(service.code, []),
            by=target.by,
            upload=target.upload.pk,
        )


def mitigations_template(place: TemplatePlace) -> TemplateContent:
    """Return what is stated in the period so far, to be changed and added to."""
    rows: list[dict[str, Value]] = [
        {
            "service_code": row.service.code,
            "part": row.part,
            "amount": row.amount_pence,
            "description": row.description,
            "lasting": row.lasting,
        }
        for row in stored_parts(place.its_period)
        if place.holds(row.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services(leaf=True)})


registry.register_upload_kind(
    registry.UploadKind(
        name="mitigations",
        label="Mitigations",
        per_period=True,
        after="commentary",
        columns=COLUMNS,
        check=check_mitigations,
        store=store_mitigations,
        undo=RowsUndo(lambda target: [VariancePart.objects.filter(period=target.period)]),
        template=mitigations_template,
        purpose="The mitigations in the month’s forecasts, and the one-off and recurring parts of "
        "the variances, a row for each. The file replaces what the month has: a service that is "
        "not in the file states nothing.",
    )
)
