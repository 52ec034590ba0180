"""funding.csv: the sources that pay for the plan, with an amount for each year."""

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.periods import NotAYear, parse_financial_year
from council_finance.uploads.columns import CHOICE, CODE, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from council_finance.uploads.year_columns import year_names
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.models import (
    CODE_LENGTH,
    HEADING_LENGTH,
    TITLE_LENGTH,
    FundingRecurrence,
    FundingSource,
)
from planning.plan.selectors.versions import settings_of_year
from planning.plan.settings_tables import STEP, PlanSettings
from planning.plan.year_amounts import (
    YEAR_COLUMN,
    amounts_of_row,
    check_lengths,
    check_not_negative,
    check_once,
    label_years,
    sum_years,
    years_of_table,
)

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the source, by which scenarios name it.",
        example="BCF-1",
    ),
    ColumnSpec(
        "source", required=True, meaning="The source, in words.", example="Better Care Fund"
    ),
    ColumnSpec(
        "heading",
        meaning="The heading under which it is listed. Each heading is a programme of its own.",
        blank="No heading.",
        example="Better Care Fund",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service that it pays for.",
        blank="The whole council.",
        example="ADULTS",
    ),
    ColumnSpec(
        "recurrence",
        CHOICE,
        required=True,
        may_be_blank=True,
        choices=tuple(FundingRecurrence.values),
        meaning="How long the source lasts.",
        blank="Not stated.",
        example="recurrent",
    ),
    ColumnSpec(
        "last_year",
        meaning="The last year of a source that is time-limited.",
        blank="Not said.",
        example="2019/20",
    ),
    ColumnSpec(
        "grant_reference",
        CODE,
        meaning="The grant of the register of grants that this is.",
        blank="None is named.",
        example="G1",
    ),
)
_LENGTHS = {
    "reference": CODE_LENGTH,
    "source": TITLE_LENGTH,
    "heading": HEADING_LENGTH,
    "grant_reference": CODE_LENGTH,
}


def check_funding(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row is one source, with positive amounts and known services and grants."""
    if not years_of_table(table):
        table.problems.append(
            Problem("The file has no column that is headed by a year, such as 2019/20.")
        )
    check_once(table, "reference")
    check_lengths(table, _LENGTHS)
    _check_amounts(table, settings_of_year(target.year))
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    for row, text in table.frame["last_year"].items():
        try:
            parse_financial_year(text or "2019/20")
        except NotAYear:
            table.problem(row, "last_year", text, "a financial year such as 2019/20 was expected")
    registry.note_unknown_references(
        table,
        "grant_reference",
        "grant",
        target.year,
        file="funding.csv",
        message="there is no grant of this reference",
    )
    return Prepared(table, None, sum_years(table))


def _check_amounts(table: TypedTable, settings: PlanSettings) -> None:
    """Note amounts below nil; of steps, each year in which a source would pay less than nil."""
    names = year_names(table.frame.columns)
    if settings.funding_amounts != STEP:
        check_not_negative(table, names)
        return
    for row in table.frame.index:
        paid = 0
        for name in names:
            step = table.frame.at[row, name]
            paid += 0 if pd.isna(step) else int(step)
            if paid < 0:
                message = f"with this step the source would pay {plain_pounds(paid)} in {name}"
                table.problem(row, name, exact_pounds(int(step)), message)
                break


def store_funding(prepared: Prepared[None], target: Target) -> None:
    """Replace the year's sources of funding by the file's."""
    table = prepared.table
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    FundingSource.objects.filter(year=target.year).delete()
    FundingSource.objects.bulk_create(
        FundingSource(
            year=target.year,
            reference=row.reference,
            source=row.source,
            heading=row.heading,
            service_id=services[row.service_code] if row.service_code else None,
            recurrence=row.recurrence or FundingRecurrence.NOT_STATED,
            last_year=row.last_year,
            grant_reference=row.grant_reference,
            order=place,
            amounts=amounts_of_row(table, row.Index),
        )
        for place, row in enumerate(table.frame.itertuples(), start=1)
    )


def funding_template(place: TemplatePlace) -> TemplateContent:
    """Return the sources as they are stored."""
    sources = FundingSource.objects.filter(year=place.year).select_related("service")
    held = [
        source
        for source in sources.order_by("order")
        if source.service_id is None or place.holds(source.service_id)
    ]
    years = settings_of_year(place.year).years or (() if held else (place.year.start,))
    labels = label_years(years, (source.amounts for source in held))
    rows = [
        {
            "reference": source.reference,
            "source": source.source,
            "heading": source.heading,
            "service_code": source.service.code if source.service else "",
            "recurrence": source.recurrence,
            "last_year": source.last_year,
            "grant_reference": source.grant_reference,
            **{label: source.amounts.get(str(year)) for year, label in labels.items()},
        }
        for source in held
    ]
    return TemplateContent(rows, {"service_code": place.list_services()}, list(labels.values()))


registry.register_upload_kind(
    registry.UploadKind(
        name="funding",
        label="Funding of the plan",
        per_period=False,
        after="plan",
        columns=COLUMNS,
        year_column=YEAR_COLUMN,
        check=check_funding,
        store=store_funding,
        undo=RowsUndo(lambda target: [FundingSource.objects.filter(year=target.year)]),
        template=funding_template,
        purpose="The grants and other sources that pay for services, by year, and how long each "
        "lasts. The file replaces the year’s sources.",
    )
)
