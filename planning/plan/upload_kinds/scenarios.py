"""plan_scenarios.csv: other amounts of the plan's items and sources, such as higher pay."""

from council_finance import registry
from council_finance.uploads.columns import CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.models import FinancialYear
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.models import CODE_LENGTH, HEADING_LENGTH, FundingSource, ScenarioAmount
from planning.plan.selectors.versions import find_current_version, settings_of_year
from planning.plan.year_amounts import (
    YEAR_COLUMN,
    amounts_of_row,
    check_lengths,
    check_once,
    check_years,
    label_years,
    sum_years,
)

COLUMNS = (
    ColumnSpec(
        "scenario", required=True, meaning="The name of the scenario.", example="Higher pay award"
    ),
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The item of the plan, or the source of funding, that has other amounts.",
        example="G6",
    ),
)
_LENGTHS = {"scenario": HEADING_LENGTH, "reference": CODE_LENGTH}


def check_scenarios(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row names an item or a source once in its scenario."""
    check_years(table, settings_of_year(target.year).years)
    check_once(table, "scenario", "reference")
    check_lengths(table, _LENGTHS)
    known = _known_references(target.year)
    for row, reference in table.frame["reference"].items():
        if reference and reference not in known:
            message = "there is no item of the plan and no source of funding of this reference"
            table.problem(row, "reference", reference, message)
    return Prepared(table, None, sum_years(table))


def _known_references(year: FinancialYear) -> set[str]:
    version = find_current_version(year)
    items = version.items.values_list("reference", flat=True) if version else ()
    sources = FundingSource.objects.filter(year=year).values_list("reference", flat=True)
    return {*items, *sources}


def store_scenarios(prepared: Prepared[None], target: Target) -> None:
    """Replace the year's scenarios by the file's."""
    table = prepared.table
    ScenarioAmount.objects.filter(year=target.year).delete()
    ScenarioAmount.objects.bulk_create(
        ScenarioAmount(
            year=target.year,
            scenario=row.scenario,
            reference=row.reference,
            order=place,
            amounts=amounts_of_row(table, row.Index),
        )
        for place, row in enumerate(table.frame.itertuples(), start=1)
    )


def scenarios_template(place: TemplatePlace) -> TemplateContent:
    """Return the scenarios as they are stored."""
    stored = list(ScenarioAmount.objects.filter(year=place.year).order_by("order"))
    labels = label_years(settings_of_year(place.year).years, (row.amounts for row in stored))
    rows = [
        {
            "scenario": row.scenario,
            "reference": row.reference,
            **{label: row.amounts.get(str(year)) for year, label in labels.items()},
        }
        for row in stored
    ]
    return TemplateContent(rows, years=list(labels.values()))


registry.register_upload_kind(
    registry.UploadKind(
        name="plan_scenarios",
        label="Scenarios of the plan",
        per_period=False,
        after="funding",
        columns=COLUMNS,
        year_column=YEAR_COLUMN,
        check=check_scenarios,
        store=store_scenarios,
        undo=RowsUndo(lambda target: [ScenarioAmount.objects.filter(year=target.year)]),
        template=scenarios_template,
        purpose="Sets of other amounts for items and sources of the plan, such as a higher pay "
        "award. The file replaces all scenarios; an item that it leaves out keeps its own amounts.",
    )
)
