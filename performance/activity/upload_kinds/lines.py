"""activity.csv for a year: lines of activity with their budgeted volume, unit cost and amount."""

from collections.abc import Mapping
from typing import Any

from council_finance import registry
from council_finance.uploads.columns import (
    AMOUNT,
    CHOICE,
    CODE,
    NUMBER,
    TEXT,
    WHOLE,
    ColumnSpec,
)
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.models import FinancialYear
from monitoring.uploading.prepared import Prepared, Target, did_you_mean
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.activity.models import (
    NAME_LENGTH,
    ActivityGroup,
    ActivityLine,
    ActivityPosition,
    LineKind,
    Unit,
)
from performance.activity.upload_kinds.faults import (
    check_lengths,
    check_once,
    list_some,
    whole_or_none,
)
from performance.activity.upload_kinds.groups import list_groups

NAME = "activity"
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ files name the line.",
        example="LAC-01",
    ),
    ColumnSpec(
        "group_code",
        CODE,
        required=True,
        meaning="The group that it stands in, as in activity_groups.csv.",
        example="LAC",
    ),
    ColumnSpec(
        "name", TEXT, required=True, meaning="What reports call it.", example="Residential homes"
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place among the lines.",
        blank="The place of its row.",
        example="4",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(LineKind.values),
        meaning="A volume with its cost; a cost without a volume; an adjustment, which is money "
        "not yet on a line; or income, which is negative.",
        example="volume",
    ),
    ColumnSpec(
        "counted",
        CHOICE,
        choices=("yes", "no"),
        meaning="Whether its volume is part of the total. It is not where its people already "
        "stand on another row; its money always is.",
        blank="It is counted.",
        example="no",
    ),
    ColumnSpec(
        "unit",
        CHOICE,
        choices=tuple(Unit.values),
        meaning="The time that a unit cost is for.",
        blank="Not stated.",
        example="week",
    ),
    ColumnSpec(
        "units_per_year",
        NUMBER,
        meaning="How many units are paid for in a year, such as 52 weeks.",
        blank="Not known: volume and unit cost then give no product.",
        example="52",
    ),
    ColumnSpec(
        "unit_cost_decimals",
        WHOLE,
        meaning="The decimals of printed unit costs in pounds: 0 or 2.",
        blank="They print in the statement’s unit, such as £000.",
        example="2",
    ),
    ColumnSpec(
        "budgeted_volume",
        NUMBER,
        meaning="The volume that the budget was set for.",
        blank="Not given, which is not nil.",
        example="39",
    ),
    ColumnSpec(
        "budgeted_unit_cost",
        AMOUNT,
        meaning="The unit cost that the budget states, in pounds.",
        blank="Not given, which is not nil.",
        example="3207.70",
    ),
    ColumnSpec(
        "annual_budget",
        AMOUNT,
        meaning="The budget of the year. It is taken as given, never worked out from volume and "
        "unit cost.",
        blank="Not given, which is not nil.",
        example="6725000.00",
    ),
)
_DECIMALS = (0, 2)


def check_lines(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row is one line of a group of the year, with fitting figures."""
    check_once(table, "reference", "this reference stands on an earlier row too")
    check_lengths(table, "name", NAME_LENGTH)
    groups = dict(ActivityGroup.objects.filter(year=target.year).values_list("code", "pk"))
    for row in table.frame.itertuples():
        _check_group(table, row, groups)
        _check_figures(table, row)
    if not table.problems:
        for row in table.frame.itertuples():
            _warn_of_signs(table, row)
        _warn_of_missing(table, target.year)
    budget = int(table.frame["annual_budget"].sum())
    return Prepared(table, groups, {"annual_budget": budget})


def _check_group(table: TypedTable, row: Any, groups: Mapping[str, int]) -> None:
    if row.group_code and row.group_code not in groups:
        message = "there is no group with this code; the codes are those of activity_groups.csv"
        message += did_you_mean(row.group_code, groups)
        table.problem(row.Index, "group_code", row.group_code, message)


def _check_figures(table: TypedTable, row: Any) -> None:
    units, decimals = whole_or_none(row.units_per_year), whole_or_none(row.unit_cost_decimals)
    if units is not None and units <= 0:
        table.problem(row.Index, "units_per_year", "", "the units of a year are more than nil")
    if decimals not in (None, *_DECIMALS):
        message = "0 or 2 was expected; leave it blank for the statement’s unit"
        table.problem(row.Index, "unit_cost_decimals", decimals, message)
    if row.kind and row.kind != LineKind.VOLUME and whole_or_none(row.budgeted_volume):
        message = f"a line of kind {row.kind} has no volume"
        table.problem(row.Index, "budgeted_volume", "", message)


def _warn_of_signs(table: TypedTable, row: Any) -> None:
    if (whole_or_none(row.budgeted_volume) or 0) < 0:
        table.warn(
            f"{row.reference}: the budgeted volume is below nil.", row.Index, "budgeted_volume"
        )
    budget = whole_or_none(row.annual_budget) or 0
    if row.kind == LineKind.INCOME and budget > 0:
        message = f"{row.reference}: income is negative, and this budget is above nil."
        table.warn(message, row.Index, "annual_budget")


def _warn_of_missing(table: TypedTable, year: FinancialYear) -> None:
    kept = _lines_to_keep(year)
    missing = [line for line in lines_of_year(year) if line not in set(table.frame["reference"])]
    stay = [reference for reference in missing if reference in kept]
    if stay:
        table.warn(
            "The file does not name these lines, which have figures and so stay: "
            f"{list_some(stay)}."
        )
    if gone := [reference for reference in missing if reference not in kept]:
        table.warn(f"These lines, which have no figures, are removed: {list_some(gone)}.")


def lines_of_year(year: FinancialYear) -> dict[str, ActivityLine]:
    """Return the year's lines by reference, in their order."""
    found = ActivityLine.objects.filter(year=year).select_related("group__service")
    ordered = sorted(found, key=lambda line: (line.order, line.reference))
    return {line.reference: line for line in ordered}


def _lines_to_keep(year: FinancialYear) -> set[str]:
    """Return the references of lines that have figures in a period."""
    stored = ActivityPosition.objects.filter(line__year=year)
    return set(stored.values_list("line__reference", flat=True).distinct())


def known_lines(prepared: Prepared[dict[str, int]], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's lines."""
    return {"reference": set(lines_of_year(target.year))}


def store_lines(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Add or update lines by reference; remove those not named that have no figures."""
    table, groups = prepared.table, prepared.payload
    known, kept = lines_of_year(target.year), _lines_to_keep(target.year)
    named = set(table.frame["reference"])
    for reference, line in known.items():
        if reference not in named and reference not in kept:
            line.delete()
    for place, row in enumerate(table.frame.itertuples(index=False), start=1):
        line = known.get(row.reference) or ActivityLine(year=target.year, reference=row.reference)
        line.group_id, line.name, line.kind = groups[row.group_code], row.name, row.kind
        order = whole_or_none(row.order)
        line.order = place if order is None else order
        for column, (field, value) in _given_values(row).items():
            if column in table.given:
                setattr(line, field, value)
        line.save()


def _given_values(row: Any) -> dict[str, tuple[str, Any]]:
    """Return by column the field and value of what a file may lack."""
    return {
        "counted": ("counted", row.counted != "no"),
        "unit": ("unit", row.unit),
        "units_per_year": ("units_per_year", whole_or_none(row.units_per_year)),
        "unit_cost_decimals": ("unit_cost_decimals", whole_or_none(row.unit_cost_decimals)),
        "budgeted_volume": ("budgeted_volume", whole_or_none(row.budgeted_volume)),
        "budgeted_unit_cost": (
            "budgeted_unit_cost_pence",
            whole_or_none(row.budgeted_unit_cost),
        ),
        "annual_budget": ("annual_budget_pence", whole_or_none(row.annual_budget)),
    }


def lines_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's lines as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": line.reference,
            "group_code": line.group.code,
            "name": line.name,
            "order": line.order,
            "kind": line.kind,
            "counted": "" if line.counted else "no",
            "unit": line.unit,
            "units_per_year": line.units_per_year,
            "unit_cost_decimals": line.unit_cost_decimals,
            "budgeted_volume": line.budgeted_volume,
            "budgeted_unit_cost": line.budgeted_unit_cost_pence,
            "annual_budget": line.annual_budget_pence,
        }
        for line in lines_of_year(place.year).values()
    ]
    return TemplateContent(rows, {"group_code": list_groups(place.year)})


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Lines of activity",
        per_period=False,
        after="activity_groups",
        columns=COLUMNS,
        needs_one_of=("annual_budget",),
        check=check_lines,
        store=store_lines,
        known_codes=known_lines,
        undo=RowsUndo(lambda target: [ActivityLine.objects.filter(year=target.year)]),
        template=lines_template,
        purpose="What the year’s budget pays for: how many people or other units at which price. "
        "Lines are added or changed by their reference. One that is not in the file goes, unless "
        "a month has figures of it.",
    )
)
