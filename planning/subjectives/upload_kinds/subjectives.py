"""subjectives.csv: the columns of the council's subjective analysis."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.uploads.columns import CHOICE, CODE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.subjectives.models import (
    NAME_LENGTH,
    Subjective,
    SubjectiveGroup,
    SubjectiveKind,
)
from planning.subjectives.selectors import subjectives_of
from planning.upload_checks import check_lengths, check_once, whole_or_none

COLUMNS = (
    ColumnSpec(
        "code",
        CODE,
        required=True,
        meaning="The code by which accounts and estimates name it.",
        example="EMP",
    ),
    ColumnSpec(
        "name", TEXT, required=True, meaning="What its column is called.", example="Employees"
    ),
    ColumnSpec(
        "group",
        CHOICE,
        choices=tuple(SubjectiveGroup.values),
        meaning="The standard group that it belongs to.",
        blank="It holds several groups together.",
        example="employees",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(SubjectiveKind.values),
        meaning="How it counts. net is the net budget of a year without an analysis.",
        example="expenditure",
    ),
    ColumnSpec("order", WHOLE, meaning="Its place.", blank="The order of the file.", example="1"),
    ColumnSpec(
        "subtotal_after",
        TEXT,
        meaning="The label of a running total that is printed after it.",
        blank="No total is printed there.",
        example="Gross Budget",
    ),
)


def check_subjectives(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each subjective is on one row."""
    check_once(table, ["code"], "this subjective stands on an earlier row too")
    check_lengths(table, NAME_LENGTH, "name", "subtotal_after")
    return Prepared(table, None)


def store_subjectives(prepared: Prepared[None], target: Target) -> None:
    """Add or update subjectives by code; those that the file does not name stay."""
    stored = {each.code: each for each in subjectives_of(target.year)}
    given = prepared.table.given
    for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        subjective = stored.get(row.code) or Subjective(year=target.year, code=row.code)
        order = whole_or_none(row.order)
        subjective.name, subjective.kind = row.name, row.kind
        subjective.order = place if order is None else order
        for field in given.intersection(("group", "subtotal_after")):
            setattr(subjective, field, getattr(row, field))
        subjective.save()


def subjectives_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's subjectives as they are stored."""
    names = ("code", "name", "group", "kind", "order", "subtotal_after")
    rows: list[Mapping[str, Value]] = [
        {name: getattr(each, name) for name in names} for each in subjectives_of(place.year)
    ]
    return TemplateContent(rows)


registry.register_upload_kind(
    registry.UploadKind(
        name="subjectives",
        label="Subjectives",
        per_period=False,
        columns=COLUMNS,
        check=check_subjectives,
        store=store_subjectives,
        undo=RowsUndo(lambda target: [Subjective.objects.filter(year=target.year)]),
        template=subjectives_template,
        purpose="What money is spent on: the columns of the subjective analysis. Subjectives are "
        "added or changed by their code; those that are not in the file stay.",
    )
)
