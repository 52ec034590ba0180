"""savings.csv for a period: the positions of agreed savings."""

from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import (
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)
from monitoring.models import FinancialYear
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from savings.models import Direction, Replacement, Saving, SavingPosition
from savings.pipeline import put_position, remove_position
from savings.rules import declared_fault, known_status, phasing_note, status_of, statuses
from savings.selectors.register import counting, positions, register, replacements
from savings.settings_tables import savings_scheme

_QUARTERS = ("phasing_q1", "phasing_q2", "phasing_q3", "phasing_q4")
_AMOUNTS = ("forecast_saving", "delivered_to_date", *_QUARTERS)
_NOT_GIVEN = "Not given, which is not nil."
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The saving’s reference, as in the year’s register of savings.",
        example="A01",
    ),
    ColumnSpec(
        "status",
        meaning="A word of the council’s status scheme. Where the figures give another status, "
        "the commentary must say why.",
        blank="The status that the figures give.",
        example="Amber",
    ),
    ColumnSpec(
        "forecast_saving",
        AMOUNT,
        meaning="What the saving is expected to come to in the year, positive.",
        blank=_NOT_GIVEN,
        example="210000.00",
    ),
    ColumnSpec(
        "delivered_to_date",
        AMOUNT,
        meaning="What of it has been saved already.",
        blank=_NOT_GIVEN,
        example="60000.00",
    ),
    *(
        ColumnSpec(
            name,
            AMOUNT,
            meaning=f"The part of the forecast that falls into quarter {name[-1]}.",
            blank=_NOT_GIVEN,
            example="52500.00",
        )
        for name in _QUARTERS
    ),
    ColumnSpec(
        "direction_of_travel",
        CHOICE,
        choices=tuple(Direction.values),
        meaning="Since the last report: “up” is better, “down” is worse.",
        blank="None is shown.",
        example="down",
    ),
    ColumnSpec(
        "commentary",
        meaning="What is happening with the saving.",
        blank="No text; one that is stored is removed.",
        example="The tender closes in September.",
    ),
)


def check_positions(table: TypedTable, target: Target) -> Prepared[dict[str, Saving]]:
    """Check references and statuses; warn of positions that the file removes or leaves out."""
    frame, settings = table.frame, read_settings(target.year.settings)
    for row in frame.index[frame["reference"].duplicated() & (frame["reference"] != "")]:
        found, message = frame["reference"][row], "this reference stands on an earlier row too"
        table.problem(row, "reference", found, message)
    savings = {saving.reference: saving for saving in register(target.year)}
    replaced, stored = replacements(savings.values()), positions(target.its_period)
    counted = {s.reference for s in counting(savings.values(), target.its_period.number)}
    for row in frame.itertuples():
        if row.reference and row.reference not in counted:
            fault = _reference_fault(savings.get(row.reference), replaced, target.year)
            table.problem(row.Index, "reference", row.reference, fault)
        elif row.reference:
            saving = savings[row.reference]
            _check_status(table, row, saving, stored.get(saving.pk), settings)
            _check_phasing(table, row)
    if not table.problems:
        _warn_of_missing(table, target, counted)
    totals: dict[str, int | None] = {
        name: int(frame[name].sum()) for name in _AMOUNTS if name in table.given
    }
    return Prepared(table, savings, totals)


def _reference_fault(
    saving: Saving | None, replaced: dict[int, Replacement], year: FinancialYear
) -> str:
    if saving is None:
        return (
            f"there is no saving with this reference in {year}; the references are those of the "
            "year’s savings.csv"
        )
    if saving.pk in replaced:
        by = replaced[saving.pk]
        return f"{by.replacing.reference} replaces this saving from month {by.from_period} on"
    return f"this saving counts from month {saving.first_period} on"


def _check_status(
    table: TypedTable,
    row: Any,
    saving: Saving,
    before: SavingPosition | None,
    settings: CouncilSettings,
) -> None:
    if fault := declared_fault(settings, row.status):
        table.problem(row.Index, "status", row.status, fault)
        return
    if not row.status or savings_scheme(settings).declared:
        return
    given = known_status(settings, row.status)
    derived = _derive_status(table, row, saving, before, settings)
    if given == derived:
        return
    if _forecast_to_hold(table, row, before) is None:
        message = "without a forecast there is no status to give; give the forecast saving too"
        table.problem(row.Index, "status", row.status, message)
    elif not row.commentary:
        message = (
            f"the figures give {derived}; to put another status in its place, say why in commentary"
        )
        table.problem(row.Index, "status", row.status, message)
    else:
        table.warn(
            f"{row.reference}: {given} replaces {derived}, which the figures give; the "
            "commentary is the reason.",
            row.Index,
            "status",
        )


def _derive_status(
    table: TypedTable,
    row: Any,
    saving: Saving,
    before: SavingPosition | None,
    settings: CouncilSettings,
) -> str:
    forecast = _forecast_to_hold(table, row, before)
    return status_of(settings, saving.agreed_saving_pence, forecast).word


def _forecast_to_hold(table: TypedTable, row: Any, before: SavingPosition | None) -> int | None:
    """Return the file's forecast in pence, or the stored one where it has no such column."""
    if "forecast_saving" in table.given or before is None:
        return _pence_or_none(row.forecast_saving)
    return before.forecast_saving_pence


def _pence_or_none(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _check_phasing(table: TypedTable, row: Any) -> None:
    quarters = [_pence_or_none(getattr(row, name)) for name in _QUARTERS]
    if note := phasing_note(_pence_or_none(row.forecast_saving), quarters):
        table.warn(f"{row.reference}: {note}.", row.Index, "forecast_saving")


def _warn_of_missing(table: TypedTable, target: Target, counted: set[str]) -> None:
    named = set(table.frame["reference"])
    for position in _positions_not_in_file(named, target):
        table.warn(
            f"The file has no row for {position.saving.reference}; its position in this period "
            "is removed."
        )
    if left := sorted(counted - named):
        savings = "1 saving has" if len(left) == 1 else f"{len(left)} savings have"
        table.warn(f"{savings} no row and will not be reported: {', '.join(left[:20])}.")


def _positions_not_in_file(named: set[str], target: Target) -> list[SavingPosition]:
    """Return the period's positions of savings that the file does not name."""
    rows = SavingPosition.objects.filter(period=target.its_period).exclude(
        saving__reference__in=named
    )
    rows = rows.select_related("saving", "period__year")
    return sorted(rows, key=lambda row: (row.saving.order, row.saving.reference))


def store_positions(prepared: Prepared[dict[str, Saving]], target: Target) -> None:
    """Replace the period's positions by the file's rows, and remove the others.

    Fields whose column the file does not have stay as stored, and so does an override where the
    status is blank.
    """
    table, trace = prepared.table, {"upload": target.upload.pk}
    settings = read_settings(target.year.settings)
    for position in _positions_not_in_file(set(table.frame["reference"]), target):
        remove_position(position, by=target.by, **trace)
    stored = positions(target.its_period)
    for row in table.frame.itertuples():
        saving = prepared.payload[row.reference]
        before = stored.get(saving.pk)
        values = _values_of_row(table, row) | _status_values(table, row, saving, before, settings)
        put_position(
            period=target.its_period,
            saving=saving,
            before=before,
            values=values,
            by=target.by,
            **trace,
        )


def _values_of_row(table: TypedTable, row: Any) -> dict[str, Any]:
    given = [name for name in _AMOUNTS if name in table.given]
    values = {f"{name}_pence": _pence_or_none(getattr(row, name)) for name in given}
    texts = {"direction_of_travel", "commentary"} & table.given
    return values | {name: getattr(row, name) for name in sorted(texts)}


def _status_values(
    table: TypedTable,
    row: Any,
    saving: Saving,
    before: SavingPosition | None,
    settings: CouncilSettings,
) -> dict[str, Any]:
    """Return the declared status; or an override, with the commentary as its reason."""
    if savings_scheme(settings).declared:
        given = known_status(settings, row.status) if row.status else ""
        return {"declared_status": given} if "status" in table.given else {}
    word = known_status(settings, row.status) if row.status else ""
    if word and word != _derive_status(table, row, saving, before, settings):
        return {"status_override": word, "override_reason": row.commentary}
    if word or _forecast_to_hold(table, row, before) is None:
        return {"status_override": "", "override_reason": ""}
    return {}


def positions_template(place: TemplatePlace) -> TemplateContent:
    """Return the savings that count in the period, with what is stored of them.

    A status that follows from the figures, or replaces it, is left blank: blank keeps it.
    """
    words = statuses(read_settings(place.year.settings))
    stored = positions(place.its_period)
    savings = [
        saving
        for saving in counting(register(place.year), place.its_period.number)
        if place.holds(saving.service_id)
    ]
    return TemplateContent(
        [_template_row(saving, stored.get(saving.pk)) for saving in savings],
        {
            "reference": CodeList([ListedCode(each.reference, each.title) for each in savings]),
            "status": CodeList([ListedCode(word) for word in words]),
        },
    )


def _template_row(saving: Saving, stored: SavingPosition | None) -> dict[str, Value]:
    row: dict[str, Value] = {"reference": saving.reference}
    if stored is not None:
        row |= {name: getattr(stored, f"{name}_pence") for name in _AMOUNTS}
        row |= {
            "status": stored.declared_status,
            "direction_of_travel": stored.direction_of_travel,
            "commentary": stored.commentary,
        }
    return row


registry.register_upload_kind(
    registry.UploadKind(
        name="savings",
        label="Savings in this period",
        per_period=True,
        columns=COLUMNS,
        check=check_positions,
        store=store_positions,
        undo=RowsUndo(lambda target: [SavingPosition.objects.filter(period=target.period)]),
        template=positions_template,
        purpose="The month’s position of each agreed saving. The file replaces the month’s "
        "positions; what belongs to a column that the file does not have stays.",
    )
)
