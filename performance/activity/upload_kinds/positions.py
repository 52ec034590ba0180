"""activity.csv for a period: the volume, unit cost and forecast of each line."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CODE, NUMBER, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target, did_you_mean
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.activity.models import ActivityLine, ActivityPosition, LineKind
from performance.activity.upload_kinds.faults import check_once, list_some, whole_or_none
from performance.activity.upload_kinds.lines import NAME, lines_of_year

_NOT_GIVEN = "Not given, which is not nil."
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The line’s reference, as in the year’s lines of activity.",
        example="LAC-01",
    ),
    ColumnSpec(
        "volume",
        NUMBER,
        meaning="The volume at the period’s end, with up to four decimals.",
        blank=_NOT_GIVEN,
        example="37",
    ),
    ColumnSpec(
        "average_volume",
        NUMBER,
        meaning="The average volume of the year to date.",
        blank=_NOT_GIVEN,
        example="34.59",
    ),
    ColumnSpec(
        "unit_cost",
        AMOUNT,
        meaning="The unit cost in pounds, where the group’s are given and not worked out.",
        blank=_NOT_GIVEN,
        example="3699.14",
    ),
    ColumnSpec(
        "forecast",
        AMOUNT,
        meaning="The forecast of the year, or at its close the outturn. It is taken as given.",
        blank=_NOT_GIVEN,
        example="6297000.00",
    ),
)
FIELDS = {
    "volume": "volume",
    "average_volume": "average_volume",
    "unit_cost": "unit_cost_pence",
    "forecast": "forecast_pence",
}
"""The fields of a position by the columns of its file."""

_VOLUMES = {"volume": "the volume", "average_volume": "the average volume"}


def check_positions(table: TypedTable, target: Target) -> Prepared[dict[str, ActivityLine]]:
    """Check that each row names a line of the year once, and that volumes stand where they may."""
    check_once(table, "reference", "this reference stands on an earlier row too")
    lines = lines_of_year(target.year)
    for row in table.frame.itertuples():
        line = lines.get(row.reference)
        if line is not None:
            _check_volumes(table, row, line)
        elif row.reference:
            message = (
                f"there is no line of activity with this reference in {target.year}; the "
                "references are those of the year’s activity.csv"
            )
            message += did_you_mean(row.reference, lines)
            table.problem(row.Index, "reference", row.reference, message)
    if not table.problems:
        _warn_of_signs(table, lines)
        _warn_of_missing(table, lines)
    forecast = int(table.frame["forecast"].sum())
    return Prepared(table, lines, {"forecast": forecast})


def _check_volumes(table: TypedTable, row: Any, line: ActivityLine) -> None:
    if line.kind == LineKind.VOLUME:
        return
    for column in _VOLUMES:
        if whole_or_none(getattr(row, column)):
            table.problem(row.Index, column, "", f"a line of kind {line.kind} has no volume")


def _warn_of_signs(table: TypedTable, lines: Mapping[str, ActivityLine]) -> None:
    for row in table.frame.itertuples():
        for column, name in _VOLUMES.items():
            if (whole_or_none(getattr(row, column)) or 0) < 0:
                table.warn(f"{row.reference}: {name} is below nil.", row.Index, column)
        is_income = lines[row.reference].kind == LineKind.INCOME
        if is_income and (whole_or_none(row.forecast) or 0) > 0:
            message = f"{row.reference}: income is negative, and this forecast is above nil."
            table.warn(message, row.Index, "forecast")


def _warn_of_missing(table: TypedTable, lines: Mapping[str, ActivityLine]) -> None:
    left = [reference for reference in lines if reference not in set(table.frame["reference"])]
    if left:
        table.warn(
            "The file has no row for these lines, which are not reported in this period; their "
            f"budgets are left out of the variance: {list_some(left)}."
        )


def store_positions(prepared: Prepared[dict[str, ActivityLine]], target: Target) -> None:
    """Replace the period's figures by the file's; a column that it lacks stays as stored."""
    table, lines = prepared.table, prepared.payload
    stored = {
        each.line_id: each for each in ActivityPosition.objects.filter(period=target.its_period)
    }
    named = {lines[reference].pk for reference in table.frame["reference"]}
    ActivityPosition.objects.filter(period=target.its_period).exclude(line__in=named).delete()
    now = timezone.now()
    for row in table.frame.itertuples(index=False):
        line = lines[row.reference]
        position = stored.get(line.pk) or ActivityPosition(period=target.its_period, line=line)
        for column, field in FIELDS.items():
            if column in table.given:
                setattr(position, field, whole_or_none(getattr(row, column)))
        position.written_by, position.written_at = target.by, now
        position.save()


def positions_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's lines with the period's figures, which are blank at first."""
    stored = {
        each.line_id: each for each in ActivityPosition.objects.filter(period=place.its_period)
    }
    lines = [
        line
        for line in lines_of_year(place.year).values()
        if line.group.service_id is None or place.holds(line.group.service_id)
    ]
    rows = [_template_row(line, stored.get(line.pk)) for line in lines]
    codes = CodeList([ListedCode(line.reference, line.name) for line in lines])
    return TemplateContent(rows, {"reference": codes})


def _template_row(line: ActivityLine, stored: ActivityPosition | None) -> dict[str, Value]:
    figures = {column: getattr(stored, field, None) for column, field in FIELDS.items()}
    return {"reference": line.reference, **figures}


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Activity in this period",
        per_period=True,
        columns=COLUMNS,
        needs_one_of=tuple(FIELDS),
        check=check_positions,
        store=store_positions,
        undo=RowsUndo(lambda target: [ActivityPosition.objects.filter(period=target.period)]),
        template=positions_template,
        purpose="How many people or other units there are, at which price, and the forecast of "
        "each line. The file replaces the month’s figures of activity; what belongs to a column "
        "that the file does not have stays. It changes no forecast of the ledger.",
    )
)
