"""history.csv: figures of the reports of earlier years, to compare this year with."""

from collections.abc import Mapping

import pandas as pd
from django.db.models import Q

from council_finance import registry
from council_finance.periods import CLOSE, NotAYear, financial_year_label, parse_financial_year
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.published.models import HistoricFigure
from monitoring.structure.selectors.tree import service_rows
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

COLUMNS = (
    ColumnSpec(
        "financial_year",
        TEXT,
        required=True,
        meaning="The year of the report, before this one.",
        example="2018/19",
    ),
    ColumnSpec(
        "period",
        WHOLE,
        required=True,
        meaning="The month of the report: 1 is April, 12 March, 13 the close.",
        example="13",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service or group; today’s code where it had another.",
        example="ADULTS",
    ),
    ColumnSpec(
        "current_budget",
        AMOUNT,
        required=True,
        meaning="Its budget for that year in that report.",
        example="127500.00",
    ),
    ColumnSpec(
        "net_variance",
        AMOUNT,
        required=True,
        meaning="Its net variance in that report. An overspend is positive.",
        example="3500.00",
    ),
)
_KEY = ["start", "period", "service_code"]


def check_history(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row is of an earlier year and a period, and that no row is repeated.

    Any service code is taken: services of earlier years may be gone today. Add the column `start`,
    the year's first calendar year.
    """
    frame = table.frame
    table.frame = frame = frame.assign(
        start=[_read_start(table, row, target) for row in frame.index]
    )
    for row, number in frame["period"].items():
        if not pd.isna(number) and not 1 <= number <= CLOSE:
            table.problem(row, "period", str(number), "periods are numbered 1 to 13")
    faulty = {problem.row for problem in table.problems}
    for row in frame.index[frame.duplicated(_KEY)]:
        if row not in faulty:
            code = frame["service_code"][row]
            message = "this service stands on an earlier row of the same year and period too"
            table.problem(row, "service_code", code, message)
    totals: dict[str, int | None] = {
        name: int(frame[name].sum()) for name in ("current_budget", "net_variance")
    }
    return Prepared(table, None, totals)


def _read_start(table: TypedTable, row: int, target: Target) -> int:
    text = table.frame["financial_year"][row]
    try:
        start = parse_financial_year(text)
    except NotAYear:
        table.problem(row, "financial_year", text, "write the year as 2018/19")
        return 0
    if start >= target.year.start:
        label = financial_year_label(target.year.start)
        table.problem(row, "financial_year", text, f"history is of years before {label}")
    return start


def known_services(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the codes of this year's services and of the figures of earlier years."""
    before = HistoricFigure.objects.values_list("service_code", flat=True).distinct()
    return {"service_code": {*before, *(each.code for each in service_rows(target.year))}}


def store_history(prepared: Prepared[None], target: Target) -> None:
    """Replace the figures of each year and period that the file names."""
    frame = prepared.table.frame
    named = Q()
    for start, number in set(zip(frame["start"], frame["period"], strict=True)):
        named |= Q(start=int(start), number=int(number))
    if not named:
        return
    HistoricFigure.objects.filter(named).delete()
    HistoricFigure.objects.bulk_create(
        HistoricFigure(
            start=int(row.start),
            number=int(row.period),
            service_code=row.service_code,
            budget_pence=int(row.current_budget),
            net_variance_pence=int(row.net_variance),
        )
        for row in frame.itertuples(index=False)
    )


def history_template(place: TemplatePlace) -> TemplateContent:
    """Return the figures of the year before; where there are none a row for each service."""
    last = place.year.start - 1
    label = financial_year_label(last)
    stored = HistoricFigure.objects.filter(start=last).order_by("number", "service_code")
    rows: list[Mapping[str, Value]] = [
        {
            "financial_year": label,
            "period": row.number,
            "service_code": row.service_code,
            "current_budget": row.budget_pence,
            "net_variance": row.net_variance_pence,
        }
        for row in stored
    ]
    rows = rows or [
        {"financial_year": label, "period": CLOSE, "service_code": service.code}
        for service in place.open_services()
    ]
    services = place.list_services()._replace(may_be_new=True)
    return TemplateContent(rows, {"service_code": services})


registry.register_upload_kind(
    registry.UploadKind(
        name="history",
        label="Earlier years’ reports",
        per_period=False,
        after="aged_debt",
        columns=COLUMNS,
        check=check_history,
        store=store_history,
        known_codes=known_services,
        undo=RowsUndo(lambda target: [HistoricFigure.objects.all()]),
        template=history_template,
        purpose="Figures of reports of earlier years, to which pages and charts compare this year. "
        "The file replaces the figures of every year and month that it names.",
    )
)
