"""allotments.csv: the rent of each site in a period."""

from allotments.models import Rent
from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace


def check_rents(table: TypedTable, target: Target) -> Prepared:
    """Refuse services that the year does not have, and a site that is named twice."""
    check_service_codes(table, "service_code", current_tree(target.year), leaf=True)
    for row in table.frame.index[table.frame.duplicated(["site"])]:
        table.problem(row, "site", table.frame["site"][row], "this site is on an earlier row too")
    return Prepared(table, None, totals={"rent": int(table.frame["rent"].sum())})


def store_rents(prepared: Prepared, target: Target) -> None:
    """Replace the period's rents by those of the file."""
    Rent.objects.filter(period=target.its_period).delete()
    Rent.objects.bulk_create(
        Rent(
            period=target.its_period,
            site=row.site,
            service=row.service_code,
            rent_pence=int(row.rent),
        )
        for row in prepared.table.frame.itertuples(index=False)
    )


def rents_template(place: TemplatePlace) -> TemplateContent:
    """Return the sites with the rents that are stored for the period."""
    stored = Rent.objects.filter(period=place.its_period).order_by("site")
    rows = [
        {"site": rent.site, "service_code": rent.service, "rent": rent.rent_pence}
        for rent in stored
    ]
    return TemplateContent(rows, {"service_code": place.list_services(leaf=True)})


registry.register_upload_kind(
    registry.UploadKind(
        name="allotments",
        label="Rents of allotments",
        per_period=True,
        columns=(
            ColumnSpec(
                "site", TEXT, required=True, meaning="What the site is called.", example="Mill Lane"
            ),
            ColumnSpec(
                "service_code",
                CODE,
                required=True,
                meaning="The code of the service that lets it.",
                example="PARKS",
            ),
            ColumnSpec(
                "rent",
                AMOUNT,
                required=True,
                meaning="Rent due for the year, in pounds.",
                example="850.00",
            ),
        ),
        template=rents_template,
        purpose="The rent of each site. The file replaces the month’s rents.",
        check=check_rents,
        store=store_rents,
    )
)
