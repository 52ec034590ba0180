"""capital_receipts.csv: projects under the flexibilities (a year), and forecasts (a period)."""

from collections.abc import Mapping

import pandas as pd

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.ledger.selectors.planned_use_ties import tied_amounts
from monitoring.models import BudgetLine, ForecastMeasure, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from reserves.models import CapitalReceiptsForecast, CapitalReceiptsProject
from reserves.selectors import projects_of
from reserves.upload_kinds.faults import check_lengths, check_once, warn_of_credits, warn_of_missing

NAME = "capital_receipts"
PROJECTS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ forecasts name the project.",
        example="CR1",
    ),
    ColumnSpec(
        "project", TEXT, required=True, meaning="What reports call it.", example="Digital records"
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service that runs the project.",
        example="ADULTS",
    ),
    ColumnSpec(
        "cost_centre",
        CODE,
        meaning="The cost centre in which the ledger shows the use of the receipts.",
        blank="None is named.",
        example="A100",
    ),
    ColumnSpec(
        "original_planned",
        AMOUNT,
        required=True,
        meaning="What was planned to be paid for by receipts in the year, positive.",
        example="300000.00",
    ),
    ColumnSpec(
        "purpose",
        TEXT,
        meaning="What the receipts pay for.",
        blank="None is printed.",
        example="Scanning of case files",
    ),
)
FORECASTS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The project’s reference, as in the year’s projects.",
        example="CR1",
    ),
    ColumnSpec(
        "forecast",
        AMOUNT,
        required=True,
        meaning="What the project is expected to use in the whole year, positive.",
        example="280000.00",
    ),
)
_TWICE = "this project stands on an earlier row too"


def check_projects(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each project is on one row and its service exists; warn of what may be wrong."""
    check_once(table, "reference", _TWICE)
    check_lengths(table, "project")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    centres = set(table.frame["cost_centre"]) - {""}
    lines = BudgetLine.objects.filter(year=target.year, cost_centre__in=centres)
    unknown = centres - set(lines.values_list("cost_centre", flat=True))
    for row, centre in table.frame["cost_centre"].items():
        if centre in unknown:
            table.warn(f"No budget line has the cost centre {centre}.", row, "cost_centre")
    known = {each.reference: each.project for each in projects_of(target.year)}
    warn_of_missing(table, known, "reference")
    warn_of_credits(table, "original_planned")
    total = int(table.frame["original_planned"].sum())
    return Prepared(table, None, totals={"original_planned": total})


def known_projects(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's projects, and the cost centres of its budget lines."""
    lines = BudgetLine.objects.filter(year=target.year)
    return {
        "reference": {each.reference for each in projects_of(target.year)},
        "cost_centre": set(lines.values_list("cost_centre", flat=True).distinct()),
    }


def store_projects(prepared: Prepared[None], target: Target) -> None:
    """Add or update projects by reference; those that the file does not name stay."""
    known = {each.reference: each for each in projects_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given = prepared.table.given
    for order, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        project = known.get(row.reference) or CapitalReceiptsProject(
            year=target.year, reference=row.reference
        )
        project.project, project.order = row.project, order
        project.service_id = services[row.service_code]
        project.original_planned_pence = int(row.original_planned)
        for field in ("cost_centre", "purpose"):
            if field in given:
                setattr(project, field, getattr(row, field))
        project.save()


def check_forecasts(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row names a project of the year, once."""
    check_once(table, "reference", _TWICE)
    projects = {each.reference: each for each in projects_of(target.year)}
    for row, reference in table.frame["reference"].items():
        if reference and reference not in projects:
            message = (
                "there is no project with this reference; the references are those of the year’s "
                "capital_receipts.csv"
            )
            table.problem(row, "reference", reference, message)
    for reference, project in projects.items():
        if reference not in set(table.frame["reference"]):
            table.warn(f"The file has no forecast of {project}; it has none in this period then.")
    _warn_of_tied(table, tied_amounts(target.its_period, ForecastMeasure.USE_OF_CAPITAL_RECEIPTS))
    warn_of_credits(table, "forecast")
    ids = {reference: project.pk for reference, project in projects.items()}
    total = table.frame["forecast"].sum()
    return Prepared(table, ids, totals={"forecast": int(total)})


def _warn_of_tied(table: TypedTable, tied: Mapping[str, int]) -> None:
    """Warn of forecasts that differ from the planned use tied to their project, which is used."""
    for row, reference, given in table.frame[["reference", "forecast"]].itertuples():
        if reference in tied and not pd.isna(given) and given != -tied[reference]:
            table.warn(
                f"Planned use of {plain_pounds(-tied[reference])} is tied to {reference}; the "
                f"report uses that in place of the file’s {plain_pounds(int(given))}.",
                row,
                "forecast",
            )


def store_forecasts(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Replace the period's forecasts by those of the file."""
    CapitalReceiptsForecast.objects.filter(period=target.its_period).delete()
    CapitalReceiptsForecast.objects.bulk_create(
        CapitalReceiptsForecast(
            project_id=prepared.payload[row.reference],
            period=target.its_period,
            forecast_pence=int(row.forecast),
        )
        for row in prepared.table.frame.itertuples(index=False)
    )


def projects_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's projects as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": project.reference,
            "project": project.project,
            "service_code": project.service.code,
            "cost_centre": project.cost_centre,
            "original_planned": project.original_planned_pence,
            "purpose": project.purpose,
        }
        for project in projects_of(place.year)
    ]
    lines = BudgetLine.objects.filter(year=place.year)
    if not place.with_exempt:
        lines = lines.filter(exempt=False)
    centres = sorted(set(lines.values_list("cost_centre", flat=True)))
    lists = {
        "service_code": place.list_services(),
        "cost_centre": CodeList([ListedCode(each) for each in centres], may_be_new=True),
    }
    return TemplateContent(rows, lists)


def forecasts_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's projects with the period's forecasts, which are blank at first."""
    stored = CapitalReceiptsForecast.objects.filter(period=place.its_period)
    pence = dict(stored.values_list("project", "forecast_pence"))
    projects = projects_of(place.year)
    codes = [ListedCode(project.reference, project.project) for project in projects]
    return TemplateContent(
        [{"reference": each.reference, "forecast": pence.get(each.pk)} for each in projects],
        {"reference": CodeList(codes)},
    )


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Capital receipts: projects",
        per_period=False,
        after="reserve_movements",
        columns=PROJECTS,
        check=check_projects,
        store=store_projects,
        undo=RowsUndo(lambda target: [CapitalReceiptsProject.objects.filter(year=target.year)]),
        template=projects_template,
        purpose="The year’s projects that capital receipts pay for under the flexibilities. "
        "Projects are added or changed by their reference; those not in the file stay.",
        known_codes=known_projects,
    )
)
registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Capital receipts: forecasts",
        per_period=True,
        after="reserve_movements",
        columns=FORECASTS,
        check=check_forecasts,
        store=store_forecasts,
        undo=RowsUndo(
            lambda target: [CapitalReceiptsForecast.objects.filter(period=target.period)]
        ),
        template=forecasts_template,
        purpose="What each project is expected to use of the capital receipts in the year. The "
        "file replaces the month’s forecasts.",
    )
)
