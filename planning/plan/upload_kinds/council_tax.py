"""council_tax.csv: the tax base and Band D of each year."""

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.uploads.columns import AMOUNT, NUMBER, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.models import CouncilTaxYear
from planning.plan.year_amounts import check_not_negative, read_financial_years, whole_or_none

_BLANK = "Not given."


def _percent_column(name: str, meaning: str, example: str) -> ColumnSpec:
    return ColumnSpec(name, NUMBER, meaning=meaning, blank=_BLANK, example=example)


def _pounds_column(name: str, meaning: str, example: str) -> ColumnSpec:
    return ColumnSpec(name, AMOUNT, meaning=meaning, blank=_BLANK, example=example)


COLUMNS = (
    ColumnSpec("financial_year", required=True, meaning="The year.", example="2023/24"),
    ColumnSpec(
        "tax_base",
        NUMBER,
        required=True,
        meaning="Band D equivalents times the collection rate.",
        example="58500.00",
    ),
    _percent_column("collection_rate_percent", "The share of the tax that is collected.", "98.5"),
    ColumnSpec(
        "band_d_general",
        AMOUNT,
        required=True,
        meaning="Band D without the adult social care precept, in pounds.",
        example="1620.45",
    ),
    _pounds_column(
        "band_d_adult_social_care", "The adult social care precept at Band D.", "242.71"
    ),
    _pounds_column(
        "collection_fund", "The collection fund’s surplus, positive, or deficit.", "1200000"
    ),
    _percent_column(
        "limit_general_percent", "The referendum limit of the general increase.", "2.99"
    ),
    _percent_column(
        "limit_adult_social_care_percent", "The limit of the adult social care precept.", "2.00"
    ),
    _pounds_column(
        "gross_expenditure", "Gross expenditure of the requirement, section 31A(2).", "450000"
    ),
    _pounds_column("gross_income", "Gross income of the requirement, section 31A(3).", "340676"),
    _pounds_column("special_items", "Special items, such as parish precepts.", "328754"),
)
_NUMBERS = ("collection_rate_percent", "limit_general_percent", "limit_adult_social_care_percent")
_AMOUNTS = (
    *("band_d_general", "band_d_adult_social_care", "collection_fund"),
    *("gross_expenditure", "gross_income", "special_items"),
)


def check_council_tax(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row is one year, with a tax base; return the years by their texts."""
    years = read_financial_years(table)
    for row, base in table.frame["tax_base"].dropna().items():
        if base <= 0:
            table.problem(row, "tax_base", "", "the tax base must be above nil")
    not_negative = set(_AMOUNTS) - {"collection_fund"}
    check_not_negative(table, sorted(not_negative))
    return Prepared(table, years)


def store_council_tax(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Replace the council tax of the plan by the file's."""
    CouncilTaxYear.objects.filter(year=target.year).delete()
    CouncilTaxYear.objects.bulk_create(
        CouncilTaxYear(
            year=target.year,
            financial_year=prepared.payload[row.financial_year],
            tax_base=int(row.tax_base),
            **{name: whole_or_none(getattr(row, name)) for name in _NUMBERS},
            **{f"{name}_pence": whole_or_none(getattr(row, name)) for name in _AMOUNTS},
        )
        for row in prepared.table.frame.itertuples(index=False)
    )


def council_tax_template(place: TemplatePlace) -> TemplateContent:
    """Return the years as they are stored."""
    rows = [
        {
            "financial_year": financial_year_label(row.financial_year),
            "tax_base": row.tax_base,
            **{name: getattr(row, name) for name in _NUMBERS},
            **{name: getattr(row, f"{name}_pence") for name in _AMOUNTS},
        }
        for row in CouncilTaxYear.objects.filter(year=place.year)
    ]
    return TemplateContent(rows)


registry.register_upload_kind(
    registry.UploadKind(
        name="council_tax",
        label="Council tax",
        per_period=False,
        after="funding",
        columns=COLUMNS,
        check=check_council_tax,
        store=store_council_tax,
        undo=RowsUndo(lambda target: [CouncilTaxYear.objects.filter(year=target.year)]),
        template=council_tax_template,
        purpose="The tax base, Band D and requirement of each year. The file replaces all years.",
    )
)
