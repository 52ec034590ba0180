"""indicator_history.csv: values of earlier years, month by month."""

from typing import Any

from council_finance import registry
from council_finance.periods import (
    CLOSE,
    NotAYear,
    financial_year_label,
    parse_financial_year,
)
from council_finance.statuses import STATUS_LENGTH
from council_finance.uploads.columns import CODE, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.indicators.models import IndicatorHistory
from performance.indicators.selectors.register import references, register
from performance.indicators.statuses import known_status
from performance.indicators.upload_kinds.cells import (
    number_column,
    refuse_repeated,
    refuse_unknown,
    replace_rows,
    whole_or_none,
)

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the indicator.",
        example="PI-05",
    ),
    ColumnSpec(
        "financial_year", required=True, meaning="The year of the value.", example="2016/17"
    ),
    ColumnSpec(
        "period",
        WHOLE,
        required=True,
        meaning="The month of that year, 1 to 12, or 13 for the year’s outturn.",
        example="3",
    ),
    number_column("target", "The target of that month.", "868", blank="None is known."),
    number_column("actual", "The value.", "781"),
    number_column("minimum", "The floor of that month.", "780", blank="The indicator’s."),
    ColumnSpec(
        "status",
        meaning="The status that was declared.",
        blank="It follows from the values.",
        example="Amber",
    ),
)


def check_history(table: TypedTable, target: Target) -> Prepared[dict[int, int]]:
    """Check references, years, months and statuses; the payload is the year of each row."""
    refuse_repeated(table, "reference", "financial_year", "period")
    refuse_unknown(table, references(register(target.year)))
    settings, years = read_settings(target.year.settings), {}
    for row in table.frame.itertuples():
        period = whole_or_none(row.period)
        if period is not None and not 1 <= period <= CLOSE:
            table.problem(row.Index, "period", period, "a period from 1 to 13 was expected")
        if len(row.status) > STATUS_LENGTH or known_status(settings, row.status) is None:
            message = "the council’s settings have no such status for indicators"
            table.problem(row.Index, "status", row.status, message)
        try:
            years[row.Index] = parse_financial_year(row.financial_year)
        except NotAYear as fault:
            table.problem(row.Index, "financial_year", row.financial_year, str(fault))
            continue
        if years[row.Index] >= target.year.start:
            message = f"a year before {target.year} was expected; its own values are by period"
            table.problem(row.Index, "financial_year", row.financial_year, message)
    return Prepared(table, years)


def store_history(prepared: Prepared[dict[int, int]], target: Target) -> None:
    """Replace the earlier values of the year's indicators by the file's."""
    known = references(register(target.year))
    settings = read_settings(target.year.settings)
    rows = [
        IndicatorHistory(
            indicator=known[row.reference],
            financial_year=prepared.payload[row.Index],
            period=int(row.period),
            target=whole_or_none(row.target),
            actual=whole_or_none(row.actual),
            minimum=whole_or_none(row.minimum),
            status=known_status(settings, row.status) or "",
        )
        for row in prepared.table.frame.itertuples()
    ]
    stored = IndicatorHistory.objects.filter(indicator__year=target.year)
    replace_rows({_key_of(row): row for row in stored}, {_key_of(row): row for row in rows})


def _key_of(row: IndicatorHistory) -> tuple[int, int, int]:
    return row.indicator_id, row.financial_year, row.period


def history_template(place: TemplatePlace) -> TemplateContent:
    """Return the earlier values as they are stored."""
    found = IndicatorHistory.objects.filter(indicator__year=place.year)
    found = found.select_related("indicator").order_by(
        "indicator__order", "financial_year", "period"
    )
    return TemplateContent([_template_row(each) for each in found if _may_hold(place, each)])


def _may_hold(place: TemplatePlace, row: IndicatorHistory) -> bool:
    service = row.indicator.service_id
    return service is None or place.holds(service)


def _template_row(row: IndicatorHistory) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("period", "target", "actual", "minimum", "status")}
    return {
        "reference": row.indicator.reference,
        "financial_year": financial_year_label(row.financial_year),
    } | own


registry.register_upload_kind(
    registry.UploadKind(
        name="indicator_history",
        label="Indicators of earlier years",
        per_period=False,
        after="indicators",
        columns=COLUMNS,
        check=check_history,
        store=store_history,
        needs_one_of=("actual",),
        undo=RowsUndo(
            lambda target: [IndicatorHistory.objects.filter(indicator__year=target.year)]
        ),
        template=history_template,
        purpose="The values of earlier years, month by month, for the course of each indicator. "
        "The file replaces those that are stored.",
    )
)
