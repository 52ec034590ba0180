"""capital.csv for a period: budget and forecast of each scheme, this year and as a whole."""

from collections.abc import Mapping
from typing import Any

from capital.calculations import balances
from capital.draft_rows import funding_rows, scheme_rows
from capital.models import (
    COMPLETION_LENGTH,
    TEXT_LENGTH,
    CapitalScheme,
    SchemePosition,
)
from capital.selectors import positions_of_schemes, schemes_of
from capital.upload_kinds.faults import (
    check_known,
    check_lengths,
    check_once,
    put_rows,
    to_pence,
    warn_of_shortfalls,
    warn_of_unreported,
)
from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

_NOT_GIVEN = "Not given, which is not nil."
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The scheme’s reference, as in the year’s capital.csv.",
        example="CAP-01",
    ),
    ColumnSpec(
        "budget",
        AMOUNT,
        meaning="This year’s revised budget.",
        blank=_NOT_GIVEN,
        example="1800000.00",
    ),
    ColumnSpec(
        "actual_to_date",
        AMOUNT,
        meaning="What has been spent this year so far.",
        blank=_NOT_GIVEN,
        example="650000.00",
    ),
    ColumnSpec(
        "forecast",
        AMOUNT,
        meaning="What is expected to be spent in the whole year; at the close what was spent.",
        blank="Not given, which is not nil. Of a variations budget: what the slippage of the "
        "schemes leaves of it; nil at the close.",
        example="1720000.00",
    ),
    ColumnSpec(
        "total_budget",
        AMOUNT,
        meaning="The approved budget of the whole scheme.",
        blank="That of the year’s capital.csv.",
        example="6000000.00",
    ),
    ColumnSpec(
        "total_forecast",
        AMOUNT,
        meaning="What the whole scheme is expected to cost.",
        blank=_NOT_GIVEN,
        example="6150000.00",
    ),
    ColumnSpec(
        "completion",
        TEXT,
        meaning="When it is expected to be complete: a date or a term, as you write it.",
        blank="None is printed.",
        example="June 2021",
    ),
    ColumnSpec(
        "commentary",
        TEXT,
        meaning="How the scheme goes on.",
        blank="No text; one that is stored is removed.",
        example="The main contract was let in May.",
    ),
)
_AMOUNTS = ("budget", "actual_to_date", "forecast", "total_budget", "total_forecast")
_TEXTS = ("completion", "commentary")
Positions = dict[int, SchemePosition]
"""The positions that a file brings by the id of their scheme."""


def check_positions(table: TypedTable, target: Target) -> Prepared[Positions]:
    """Check that each row is one scheme of the year; warn of what the file leaves out."""
    schemes = {scheme.reference: scheme for scheme in schemes_of(target.year)}
    check_once(table, ["reference"], "this reference stands on an earlier row too")
    check_known(table, "reference", schemes, "scheme", "the year’s capital.csv")
    check_lengths(table, {"completion": COMPLETION_LENGTH, "commentary": TEXT_LENGTH})
    positions: Positions = {}
    if not table.problems:
        names = {reference: scheme.name for reference, scheme in schemes.items()}
        warn_of_unreported(table, names, "scheme")
        positions = _build_positions(table, schemes, target)
        rows = scheme_rows(target.its_period, positions)
        warn_of_shortfalls(table, balances(rows, funding_rows(target.its_period))[1:])
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum()) for name in _AMOUNTS if name in table.given
    }
    return Prepared(table, positions, totals)


def _build_positions(
    table: TypedTable, schemes: Mapping[str, CapitalScheme], target: Target
) -> Positions:
    """Return the period's positions as they will be; what the file has no column for stays."""
    stored = positions_of_schemes(target.its_period)
    found: Positions = {}
    for row in table.frame.itertuples(index=False):
        scheme = schemes[row.reference]
        position = stored.get(scheme.pk) or SchemePosition(period=target.its_period, scheme=scheme)
        _set_fields(position, row, table)
        found[scheme.pk] = position
    return found


def _set_fields(position: SchemePosition, row: Any, table: TypedTable) -> None:
    for name in _AMOUNTS:
        if name in table.given:
            setattr(position, f"{name}_pence", to_pence(getattr(row, name)))
    for name in _TEXTS:
        if name in table.given:
            setattr(position, name, getattr(row, name))


def store_positions(prepared: Prepared[Positions], target: Target) -> None:
    """Replace the period's positions by the file's rows, and remove the others."""
    positions = prepared.payload
    rows = SchemePosition.objects.filter(period=target.its_period)
    rows.exclude(scheme__in=list(positions)).delete()
    put_rows(list(positions.values()))


def positions_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's schemes with what is stored of them in the period."""
    stored = positions_of_schemes(place.its_period)
    schemes = [
        scheme
        for scheme in schemes_of(place.year)
        if scheme.service_id is None or place.holds(scheme.service_id)
    ]
    rows = [_template_row(scheme, stored.get(scheme.pk)) for scheme in schemes]
    codes = CodeList([ListedCode(scheme.reference, scheme.name) for scheme in schemes])
    return TemplateContent(rows, {"reference": codes})


def _template_row(scheme: CapitalScheme, stored: SchemePosition | None) -> dict[str, Value]:
    row: dict[str, Value] = {"reference": scheme.reference}
    if stored is not None:
        row |= {name: getattr(stored, f"{name}_pence") for name in _AMOUNTS}
        row |= {name: getattr(stored, name) for name in _TEXTS}
    return row


registry.register_upload_kind(
    registry.UploadKind(
        name="capital",
        label="Capital schemes in this period",
        per_period=True,
        columns=COLUMNS,
        needs_one_of=("budget",),
        check=check_positions,
        store=store_positions,
        undo=RowsUndo(lambda target: [SchemePosition.objects.filter(period=target.period)]),
        template=positions_template,
        purpose="The month’s budget, spending and forecast of each capital scheme. The file "
        "replaces the month’s figures; what belongs to a column that the file does not have stays.",
    )
)
