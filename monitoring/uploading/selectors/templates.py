"""The template of a kind of file, filled with what its reader may upload."""

from council_finance.accounts.models import User
from council_finance.registry import AnyKind
from council_finance.uploads.template_files import template_to_csv
from council_finance.uploads.template_workbook import template_to_xlsx
from monitoring.people.rights import may_see_exempt_lines, reach_of
from monitoring.structure.models import FinancialYear, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.template_place import TemplatePlace

TEMPLATE_FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""The media types of the formats in which templates are offered."""


def template_file(
    kind: AnyKind,
    year: FinancialYear,
    period: Period | None,
    *,
    scope: Service | None,
    reader: User,
    format_name: str,
) -> bytes:
    """Return the template of a kind, limited to a service and to the reader's part.

    Raise `ValueError` for a kind without a template, which is never registered.
    """
    if kind.template is None:
        raise ValueError(f"the kind {kind.name} has no template")
    place = TemplatePlace(
        year,
        period,
        services=_services_of(reader, year, scope),
        with_exempt=may_see_exempt_lines(reader),
    )
    content = kind.template(place)
    columns = kind.columns_of_template(content.years)
    if format_name == "csv":
        return template_to_csv(columns, content)
    return template_to_xlsx(kind.name, columns, content)


def _services_of(reader: User, year: FinancialYear, scope: Service | None) -> frozenset[int] | None:
    """Return the ids of the services that a template may hold; None for all."""
    reach = reach_of(reader, year)
    if scope is None:
        return None if reach.everything else reach.services
    tree = current_tree(year)
    pairs = tree.ancestry
    keys = set(pairs.loc[pairs["ancestor"] == scope.code, "key"])
    inside = frozenset(pk for pk, key in tree.key_of_service.items() if key in keys)
    return inside if reach.everything else inside & reach.services
