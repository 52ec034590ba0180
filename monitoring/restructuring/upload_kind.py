"""services.csv: the year's tree of services."""

from collections.abc import Mapping

import pandas as pd

from council_finance import registry
from council_finance.uploads.columns import CODE, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.restructuring.upload_undo import SERVICES_UNDO
from monitoring.structure.models import UNALLOCATED, FinancialYear, Service
from monitoring.structure.selectors.tree import service_rows
from monitoring.structure.trees import CLOSED_ENDING, ServiceRow, check_tree
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace

COLUMNS = (
    ColumnSpec(
        "code",
        CODE,
        required=True,
        meaning="The code by which every other file names the service or group.",
        example="ADULTS",
    ),
    ColumnSpec(
        "name",
        required=True,
        meaning="What reports call it.",
        example="Adult services",
    ),
    ColumnSpec(
        "parent_code",
        CODE,
        meaning="The code of the group that it belongs to.",
        blank="It is the council itself; one row has no parent.",
        example="PEOPLE",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place among its neighbours in reports: 1 is printed first.",
        blank="The order of the rows of the file.",
        example="2",
    ),
    ColumnSpec(
        "total_label",
        meaning="For a group: what the total after its services is called.",
        blank="No total is printed.",
        example="Total People",
    ),
    ColumnSpec(
        "section",
        meaning="Services of one section share a headline in the report.",
        blank="The service has a headline of its own.",
        example="Front-line services",
    ),
    ColumnSpec(
        "successor_code",
        CODE,
        meaning="For a service that has closed: the code of the one that took over its lines.",
        blank="The service is open.",
        example="CARE",
    ),
)
LAST = 2_000_000_000
"""Order of the service "Unallocated", which is open only while it has lines."""

_NAME_LENGTH = 300
_UNKNOWN = 0
"""The parent id of a service whose parent_code no row has: that is noted, and it is no top."""


def check_services(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that the rows make one tree, with every parent and successor in the file."""
    frame = table.frame
    _check_codes(table)
    for column in ("name", "total_label", "section"):
        for row in frame.index[frame[column].str.len() > _NAME_LENGTH]:
            table.problem(row, column, "", f"the text has more than {_NAME_LENGTH} characters")
    codes = set(frame["code"])
    for column in ("parent_code", "successor_code"):
        for row, code in frame[column].items():
            if code and code not in codes:
                table.problem(row, column, code, "no row of this file has that code")
    if frame["code"].is_unique and (frame["code"] != "").all():
        _check_shape(table, target)
    return Prepared(table, None)


def _check_codes(table: TypedTable) -> None:
    """Note codes that are on two rows, or could be mistaken for something else."""
    frame = table.frame
    for row in frame.index[frame["code"].duplicated() & (frame["code"] != "")]:
        table.problem(row, "code", frame["code"][row], "this code stands on an earlier row too")
    for row in frame.index[frame["code"].str.endswith(CLOSED_ENDING)]:
        message = f"no code ends in “{CLOSED_ENDING.strip()}”"
        table.problem(row, "code", frame["code"][row], message)
    for row in frame.index[frame["code"].str.strip(".").eq("") & (frame["code"] != "")]:
        table.problem(row, "code", frame["code"][row], "a code has letters or digits in it")
    for row in frame.index[frame["code"] == UNALLOCATED]:
        table.problem(row, "code", UNALLOCATED, "the product keeps this code for unplaced lines")


def _check_shape(table: TypedTable, target: Target) -> None:
    """Note faults of the tree made of the file's rows and the services it no longer names."""
    known = {service.code: service for service in service_rows(target.year)}
    ids = {
        code: known[code].id if code in known else -n
        for n, code in enumerate(table.frame["code"], start=1)
    }
    rows = {ids[code]: row for row, code in table.frame["code"].items()}
    services = [
        ServiceRow(
            id=ids[row.code],
            code=row.code,
            name=row.name,
            parent=ids.get(row.parent_code, _UNKNOWN) if row.parent_code else None,
            successor=ids.get(row.successor_code),
        )
        for row in table.frame.itertuples(index=False)
    ]
    leaving = [service for service in known.values() if service.code not in ids]
    unknown = ServiceRow(_UNKNOWN, "", "", None, named=False)
    for row, column, message in check_tree([*services, *leaving, unknown], rows):
        table.problem(row, column, table.frame[column][row], message)


def services_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's tree as the last file, or its pages, left it."""
    services = [service for service in service_rows(place.year) if service.named]
    services.sort(key=lambda service: (service.order, service.code))
    codes = {service.id: service.code for service in services}
    rows: list[Mapping[str, Value]] = [
        {
            "code": service.code,
            "name": service.name,
            "parent_code": codes.get(service.parent or 0, ""),
            "order": service.order,
            "total_label": service.total_label,
            "section": service.section,
            "successor_code": codes.get(service.successor or 0, ""),
        }
        for service in services
    ]
    listed = [ListedCode(service.code, service.name) for service in services]
    lists = {name: CodeList(listed, may_be_new=True) for name in ("parent_code", "successor_code")}
    return TemplateContent(rows, lists)


def known_services(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the codes of the year's services, including closed ones."""
    return {"code": {service.code for service in service_rows(target.year)}}


def store_services(prepared: Prepared[None], target: Target) -> None:
    """Add or update services by code; one that is no longer named waits to close."""
    frame = prepared.table.frame
    existing = {service.code: service for service in Service.objects.filter(year=target.year)}
    for place, row in enumerate(frame.itertuples(index=False), start=1):
        service = existing.get(row.code) or Service(year=target.year, code=row.code)
        service.name, service.total_label = row.name, row.total_label
        service.section, service.named = row.section, True
        service.order = place if pd.isna(row.order) else int(row.order)
        service.parent = service.successor = None
        service.save()
        existing[row.code] = service
    for row in frame.itertuples(index=False):
        service = existing[row.code]
        service.parent = existing.get(row.parent_code)
        service.successor = existing.get(row.successor_code)
        service.save(update_fields=["parent", "successor"])
    left = Service.objects.filter(year=target.year).exclude(code__in=set(frame["code"]))
    left.update(named=False)
    top = Service.objects.get(year=target.year, parent=None, successor=None, named=True)
    keep_unallocated_service(target.year, top=top.pk)


def keep_unallocated_service(year: FinancialYear, *, top: int) -> None:
    """Put the service for unallocated lines under the top of the year's tree."""
    Service.objects.update_or_create(
        year=year,
        code=UNALLOCATED,
        defaults={"name": "Unallocated", "parent_id": top, "order": LAST, "named": False},
    )


registry.register_upload_kind(
    registry.UploadKind(
        name="services",
        label="Services",
        per_period=False,
        columns=COLUMNS,
        check=check_services,
        store=store_services,
        known_codes=known_services,
        brings=registry.Brings.STRUCTURE,
        template=services_template,
        undo=SERVICES_UNDO,
        purpose="The year’s tree of services and groups, which every report follows. Services are "
        "added or changed by their code. One that is not in the file closes once it has no lines.",
    )
)
