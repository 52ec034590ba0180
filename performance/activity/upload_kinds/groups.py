"""activity_groups.csv: the tree of a year's groups of activity."""

from collections.abc import Mapping
from typing import Any

from council_finance import registry
from council_finance.uploads.columns import CHOICE, CODE, TEXT, WHOLE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.models import FinancialYear, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes, did_you_mean
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.activity.models import (
    LABEL_LENGTH,
    NAME_LENGTH,
    VOLUME_NAME_LENGTH,
    ActivityGroup,
    UnitCost,
    VolumeBasis,
)
from performance.activity.report_section import groups_in_order
from performance.activity.upload_kinds.faults import (
    check_lengths,
    check_once,
    list_some,
    whole_or_none,
)

NAME = "activity_groups"
COLUMNS = (
    ColumnSpec(
        "code",
        CODE,
        required=True,
        meaning="The code by which lines of activity name the group.",
        example="LAC",
    ),
    ColumnSpec(
        "name",
        TEXT,
        required=True,
        meaning="What reports call it.",
        example="Looked after children",
    ),
    ColumnSpec(
        "parent_code",
        CODE,
        meaning="The group that it stands in.",
        blank="It stands in no other group.",
        example="LAC",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place among the groups that stand in the same one.",
        blank="The place of its row.",
        example="1",
    ),
    ColumnSpec(
        "total_label",
        TEXT,
        meaning="What its total row is called.",
        blank="The group prints a heading and no total.",
        example="TOTAL",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The service whose budget and forecast are compared with those of the group.",
        blank="They are compared with none.",
        example="CHILD",
    ),
    ColumnSpec(
        "volume_name",
        TEXT,
        meaning="What is counted.",
        blank="Volumes have no name.",
        example="placements",
    ),
    ColumnSpec(
        "volume_basis",
        CHOICE,
        choices=tuple(VolumeBasis.values),
        meaning="The volume that the costs follow: the average of the year to date, or the "
        "snapshot at the period’s end.",
        blank="The snapshot.",
        example="average",
    ),
    ColumnSpec(
        "unit_cost",
        CHOICE,
        choices=tuple(UnitCost.values),
        meaning="Whether unit costs are given in the files, or derived: cost ÷ volume ÷ units a "
        "year.",
        blank="They are given.",
        example="given",
    ),
    ColumnSpec(
        "average_unit_cost",
        YES,
        meaning="Whether the total row prints an average unit cost.",
        blank="It prints none.",
        example="yes",
    ),
)
_LENGTHS = {
    "name": NAME_LENGTH,
    "total_label": LABEL_LENGTH,
    "volume_name": VOLUME_NAME_LENGTH,
}


def check_groups(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that codes are unique, and that parents and services exist."""
    check_once(table, "code", "this group stands on an earlier row too")
    for column, most in _LENGTHS.items():
        check_lengths(table, column, most)
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    stored = {group.code: group for group in groups_in_order(target.year)}
    _check_parents(table, stored)
    if not table.problems:
        left = [code for code in stored if code not in set(table.frame["code"])]
        if left:
            table.warn(
                f"The file does not name these groups, which stay as they are: {list_some(left)}."
            )
    return Prepared(table, None)


def _check_parents(table: TypedTable, stored: Mapping[str, ActivityGroup]) -> None:
    """Add a problem for each parent that does not exist, or is the group itself or below it."""
    frame = table.frame
    parents = {code: group.parent.code if group.parent else "" for code, group in stored.items()}
    parents |= dict(zip(frame["code"], frame["parent_code"], strict=True))
    for row, code, parent in frame[["code", "parent_code"]].itertuples():
        if not parent:
            continue
        if parent not in parents:
            message = "there is no group with this code" + did_you_mean(parent, parents)
            table.problem(row, "parent_code", parent, message)
        elif _is_below_itself(code, parents):
            message = "the group would stand in itself, directly or through others"
            table.problem(row, "parent_code", parent, message)


def _is_below_itself(code: str, parents: Mapping[str, str]) -> bool:
    seen, here = {code}, parents.get(code, "")
    while here:
        if here in seen:
            return True
        seen.add(here)
        here = parents.get(here, "")
    return False


def known_groups(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the codes of the year's groups."""
    return {"code": {group.code for group in groups_in_order(target.year)}}


def store_groups(prepared: Prepared[None], target: Target) -> None:
    """Add or update groups by code; those that the file does not name stay."""
    known = {group.code: group for group in groups_in_order(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given, frame = prepared.table.given, prepared.table.frame
    for place, row in enumerate(frame.itertuples(index=False), start=1):
        group = known.get(row.code) or ActivityGroup(year=target.year, code=row.code)
        group.name = row.name
        order = whole_or_none(row.order)
        group.order = place if order is None else order
        for field, value in _choices_of(row, services).items():
            if field in given:
                name = "service_id" if field == "service_code" else field
                setattr(group, name, value)
        group.save()
        known[row.code] = group
    if "parent_code" in given:
        for code, parent in zip(frame["code"], frame["parent_code"], strict=True):
            known[code].parent = known[parent] if parent else None
            known[code].save(update_fields=["parent"])


def _choices_of(row: Any, services: Mapping[str, int]) -> dict[str, Any]:
    """Return the fields of a group whose columns a file may lack."""
    return {
        "total_label": row.total_label,
        "service_code": services[row.service_code] if row.service_code else None,
        "volume_name": row.volume_name,
        "volume_basis": row.volume_basis or VolumeBasis.SNAPSHOT,
        "unit_cost": row.unit_cost or UnitCost.GIVEN,
        "average_unit_cost": bool(row.average_unit_cost),
    }


def groups_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's groups as they are stored."""
    groups = groups_in_order(place.year)
    rows: list[Mapping[str, Value]] = [
        {
            "code": group.code,
            "name": group.name,
            "parent_code": group.parent.code if group.parent else "",
            "order": group.order,
            "total_label": group.total_label,
            "service_code": group.service.code if group.service else "",
            "volume_name": group.volume_name,
            "volume_basis": group.volume_basis,
            "unit_cost": group.unit_cost,
            "average_unit_cost": group.average_unit_cost,
        }
        for group in groups
    ]
    return TemplateContent(
        rows, {"service_code": place.list_services(), "parent_code": list_groups(place.year)}
    )


def list_groups(year: FinancialYear) -> CodeList:
    """Return the codes of the year's groups for a template."""
    return CodeList([ListedCode(group.code, group.name) for group in groups_in_order(year)])


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Groups of activity",
        per_period=False,
        columns=COLUMNS,
        check=check_groups,
        store=store_groups,
        known_codes=known_groups,
        undo=RowsUndo(lambda target: [ActivityGroup.objects.filter(year=target.year)]),
        template=groups_template,
        purpose="The groups in which lines of activity stand, such as looked after children. "
        "Groups are added or changed by their code; those that are not in the file stay.",
    )
)
