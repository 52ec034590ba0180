"""capital_plan.csv: the schemes of the capital plan, with an amount for each year."""

from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.models import (
    CODE_LENGTH,
    HEADING_LENGTH,
    NOTE_LENGTH,
    TITLE_LENGTH,
    CapitalScheme,
)
from planning.plan.selectors.versions import settings_of_year
from planning.plan.year_amounts import (
    YEAR_COLUMN,
    amounts_of_row,
    check_lengths,
    check_not_negative,
    check_once,
    check_range,
    check_years,
    label_years,
    sum_years,
    whole_or_none,
)

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the scheme, by which plans and decisions name it.",
        example="CAP-1",
    ),
    ColumnSpec(
        "scheme", required=True, meaning="The scheme, in words.", example="Library refurbishment"
    ),
    ColumnSpec(
        "heading",
        meaning="The heading under which the scheme is listed.",
        blank="No heading.",
        example="New starts",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service that it is for.",
        blank="The whole council.",
        example="LIB",
    ),
    ColumnSpec(
        "funding",
        CHOICE,
        choices=("external", "discretionary"),
        meaning="Whether others pay for it, or the council by its own decision.",
        blank="Not said.",
        example="external",
    ),
    ColumnSpec(
        "status",
        CHOICE,
        choices=("draft", "approved", "subject to business case"),
        meaning="How far it is decided. One subject to a business case counts in no total.",
        blank="Not said.",
        example="draft",
    ),
    ColumnSpec("note", meaning="A note.", blank="No note.", example="Grant to be announced"),
    ColumnSpec(
        "amount_low",
        AMOUNT,
        meaning="The low end of a range, for a scheme that has no amounts yet.",
        blank="No range.",
        example="17000000.00",
    ),
    ColumnSpec(
        "amount_high",
        AMOUNT,
        meaning="The high end of the range.",
        blank="No range.",
        example="35000000.00",
    ),
)
_LENGTHS = {
    "reference": CODE_LENGTH,
    "scheme": TITLE_LENGTH,
    "heading": HEADING_LENGTH,
    "note": NOTE_LENGTH,
}


def check_capital_plan(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row is one scheme, of an open service, with every year of the plan."""
    check_years(table, settings_of_year(target.year).years)
    check_once(table, "reference")
    check_lengths(table, _LENGTHS)
    check_range(table)
    check_not_negative(table, ("amount_low", "amount_high"))
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    return Prepared(table, None, sum_years(table))


def store_capital_plan(prepared: Prepared[None], target: Target) -> None:
    """Replace the year's capital plan by the file's."""
    table = prepared.table
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    CapitalScheme.objects.filter(year=target.year).delete()
    CapitalScheme.objects.bulk_create(
        CapitalScheme(
            year=target.year,
            reference=row.reference,
            scheme=row.scheme,
            heading=row.heading,
            service_id=services[row.service_code] if row.service_code else None,
            funding=row.funding,
            status=row.status,
            note=row.note,
            amount_low_pence=whole_or_none(row.amount_low),
            amount_high_pence=whole_or_none(row.amount_high),
            order=place,
            amounts=amounts_of_row(table, row.Index),
        )
        for place, row in enumerate(table.frame.itertuples(), start=1)
    )


def capital_plan_template(place: TemplatePlace) -> TemplateContent:
    """Return the schemes as they are stored."""
    schemes = CapitalScheme.objects.filter(year=place.year).select_related("service")
    years = settings_of_year(place.year).years
    labels = label_years(years, (scheme.amounts for scheme in schemes))
    rows = [
        {
            "reference": scheme.reference,
            "scheme": scheme.scheme,
            "heading": scheme.heading,
            "service_code": scheme.service.code if scheme.service else "",
            "funding": scheme.funding,
            "status": scheme.status,
            "note": scheme.note,
            "amount_low": scheme.amount_low_pence,
            "amount_high": scheme.amount_high_pence,
            **{label: scheme.amounts.get(str(year)) for year, label in labels.items()},
        }
        for scheme in schemes.order_by("order")
        if scheme.service_id is None or place.holds(scheme.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()}, list(labels.values()))


registry.register_upload_kind(
    registry.UploadKind(
        name="capital_plan",
        label="Capital plan",
        per_period=False,
        after="estimates",
        columns=COLUMNS,
        year_column=YEAR_COLUMN,
        check=check_capital_plan,
        store=store_capital_plan,
        undo=RowsUndo(lambda target: [CapitalScheme.objects.filter(year=target.year)]),
        template=capital_plan_template,
        purpose="The schemes that the council means to pay for as capital over the years of the "
        "plan. The file replaces the year’s schemes.",
    )
)
