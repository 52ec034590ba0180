"""plan_gap.csv: gaps that the plan quotes and does not work out."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import (
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)
from monitoring.models import Service
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.models import CODE_LENGTH, QuotedGap
from planning.plan.year_amounts import check_lengths, read_financial_years

COUNCIL = "council"

COLUMNS = (
    ColumnSpec("financial_year", required=True, meaning="The year.", example="2022/23"),
    ColumnSpec(
        "gap",
        AMOUNT,
        required=True,
        meaning="What the year is short of, positive.",
        example="19500000.00",
    ),
    ColumnSpec(
        "scope",
        CODE,
        required=True,
        meaning="Whose gap it is: council, or the code of a service.",
        example=COUNCIL,
    ),
)


def check_gap(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row is one year and scope; return the years by their texts."""
    years = read_financial_years(table, "scope")
    check_lengths(table, {"scope": CODE_LENGTH})
    codes = set(Service.objects.filter(year=target.year).values_list("code", flat=True))
    for row, scope in table.frame["scope"].items():
        if scope and scope != COUNCIL and scope not in codes:
            message = "“council” or the code of a service was expected"
            table.problem(row, "scope", scope, message)
    return Prepared(table, years, {"gap": int(table.frame["gap"].sum())})


def store_gap(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Replace the quoted gaps by the file's."""
    QuotedGap.objects.filter(year=target.year).delete()
    QuotedGap.objects.bulk_create(
        QuotedGap(
            year=target.year,
            financial_year=prepared.payload[row.financial_year],
            gap_pence=int(row.gap),
            scope=row.scope,
        )
        for row in prepared.table.frame.itertuples(index=False)
    )


def gap_template(place: TemplatePlace) -> TemplateContent:
    """Return the gaps as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "financial_year": financial_year_label(row.financial_year),
            "gap": row.gap_pence,
            "scope": row.scope,
        }
        for row in QuotedGap.objects.filter(year=place.year)
    ]
    whole = ListedCode(COUNCIL, "The whole council")
    scopes = CodeList([whole, *place.list_services().codes])
    return TemplateContent(rows, {"scope": scopes})


registry.register_upload_kind(
    registry.UploadKind(
        name="plan_gap",
        label="Gaps that the plan quotes",
        per_period=False,
        after="plan_scenarios",
        columns=COLUMNS,
        check=check_gap,
        store=store_gap,
        undo=RowsUndo(lambda target: [QuotedGap.objects.filter(year=target.year)]),
        template=gap_template,
        purpose="Gaps that the plan gives and that do not follow from it, such as the whole "
        "council’s in a department’s plan. The file replaces all of them.",
    )
)
