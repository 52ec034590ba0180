"""indicators.csv for a period: the values of indicators, and what was declared of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from council_finance import registry
from council_finance.quantities import plain_quantity, round_quantity
from council_finance.uploads.columns import CHOICE, CODE, DATE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.indicators.models import (
    REASON_LENGTH,
    WORD_LENGTH,
    Direction,
    Indicator,
    IndicatorValue,
    Polarity,
)
from performance.indicators.pipeline import put_value, remove_value
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.selectors.months import quantity_or_none, share_of
from performance.indicators.selectors.register import references, register, values_in
from performance.indicators.selectors.section import build_section
from performance.indicators.settings_tables import statuses_to_declare
from performance.indicators.statuses import known_status
from performance.indicators.upload_kinds.cells import (
    field_values,
    number_column,
    refuse_repeated,
    refuse_unknown,
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
    number_column("actual", "The value.", "41.0", blank="Not reported, or worked out of parts."),
    number_column("headline_actual", "The value on the dashboard, where it is another.", "29.2"),
    number_column("actual_count", "The value as a count.", "21"),
    number_column("numerator", "The count that is a part of the whole.", "281"),
    number_column("denominator", "The whole.", "584"),
    number_column(
        "previous",
        "The value before.",
        "39.0",
        blank="That of the latest earlier month with other data.",
    ),
    number_column("target", "The target of this period.", "1,020", blank="The year’s."),
    ColumnSpec(
        "target_basis",
        CHOICE,
        choices=("pro_rata",),
        meaning="Whether this target is the part of the year’s.",
        blank="It is not.",
        example="pro_rata",
    ),
    number_column("minimum", "The floor of this period.", "918", blank="The year’s."),
    ColumnSpec(
        "data_date",
        DATE,
        meaning="The last day that the value covers.",
        blank="Not known.",
        example="2019-03-31",
    ),
    ColumnSpec(
        "data_period",
        meaning="What the value covers, as it prints.",
        blank="Not stated.",
        example="Q3",
    ),
    ColumnSpec(
        "due",
        meaning="When an awaited value comes, as it prints.",
        blank="No value is awaited.",
        example="Due June 2019",
    ),
    ColumnSpec(
        "direction_of_travel",
        CHOICE,
        choices=tuple(Direction.values),
        meaning="The direction that is declared: “up” is better.",
        blank="It follows from the values.",
        example="up",
    ),
    ColumnSpec(
        "status",
        meaning="The status that is declared.",
        blank="It follows from the values.",
        example="Amber",
    ),
    ColumnSpec(
        "status_reason",
        meaning="Why that status is declared against the figures.",
        blank="The commentary is the reason, if there is one.",
        example="Late input raises the last month",
    ),
    ColumnSpec(
        "commentary",
        meaning="What is behind the value.",
        blank="No text; one that is stored is removed.",
        example="Two homes opened in May.",
    ),
)
_FIELDS = COLUMNS[1:]
_LENGTHS = {
    "data_period": WORD_LENGTH,
    "due": WORD_LENGTH,
    "status_reason": REASON_LENGTH,
    "commentary": REASON_LENGTH,
}


@dataclass(frozen=True)
class Values:
    """The values of a file by the indicator's reference, as fields of their table."""

    indicators: Mapping[str, Indicator]
    fields: Mapping[str, Mapping[str, Any]]


def check_values(table: TypedTable, target: Target) -> Prepared[Values]:
    """Check references, statuses and targets; warn of what the figures do not bear out."""
    known = references(register(target.year))
    refuse_repeated(table, "reference")
    refuse_unknown(table, known)
    for column, most in _LENGTHS.items():
        for row in table.frame.index[table.frame[column].str.len() > most]:
            table.problem(row, column, "", f"the text has more than {most:,} characters")
    settings = read_settings(target.year.settings)
    fields = {}
    for row in table.frame.itertuples():
        status = known_status(settings, row.status)
        if status is None:
            words = statuses_to_declare(settings)
            expected = f"one of {', '.join(words)} was expected"
            none = "the council’s settings have no statuses for indicators"
            table.problem(row.Index, "status", row.status, expected if words else none)
        if (indicator := known.get(row.reference)) is not None:
            _check_target(table, row, indicator)
            fields[row.reference] = field_values(table, row, _FIELDS)
            if "status" in table.given:
                fields[row.reference]["status"] = status or ""
    if not table.problems:
        _warn_of_values(table, target, known, fields)
    return Prepared(table, Values(known, fields))


def _check_target(table: TypedTable, row: Any, indicator: Indicator) -> None:
    target = whole_or_none(row.target)
    if target is not None and indicator.polarity == Polarity.BAND:
        message = "this indicator aims at a band, whose edges are the year’s"
        table.problem(row.Index, "target", plain_quantity(target), message)


def _warn_of_values(
    table: TypedTable,
    target: Target,
    known: Mapping[str, Indicator],
    fields: Mapping[str, Mapping[str, Any]],
) -> None:
    stored = values_in(target.its_period)
    for value in _not_in_file(table, stored):
        table.warn(
            f"The file has no row for {value.indicator.reference}; its value in this period is "
            "removed."
        )
    entered = {
        reference: _entered_value(target, known[reference], stored, values)
        for reference, values in fields.items()
    }
    section = build_section(target.its_period, entered=entered)
    rows = {each.reference: each for each in section.indicators}
    for row in table.frame.itertuples():
        if message := status_without_reason(rows[row.reference]):
            table.warn(message, row.Index, "status")
        if message := counts_against_value(known[row.reference], entered[row.reference]):
            table.warn(message, row.Index, "actual")


def _entered_value(
    target: Target,
    indicator: Indicator,
    stored: Mapping[int, IndicatorValue],
    values: Mapping[str, Any],
) -> IndicatorValue:
    """Return the value as it would be stored."""
    before = stored.get(indicator.pk)
    kept = {each.name: getattr(before, each.name) for each in _FIELDS} if before else {}
    made = IndicatorValue(**kept)
    for name, value in values.items():
        setattr(made, name, value)
    made.period, made.indicator = target.its_period, indicator
    return made


def status_without_reason(row: IndicatorRow) -> str:
    """Return a sentence where a status is declared against the figures without a reason."""
    if not row.is_against_the_figures or row.status_reason or not row.has_target:
        return ""
    figures = f"the figures give {row.derived}" if row.derived else "no rule gives it"
    return f"{row.reference}: {row.declared} is declared, {figures}. Give the reason."


def counts_against_value(indicator: Indicator, value: IndicatorValue) -> str:
    """Return a sentence where numerator and denominator do not give the value as it prints."""
    share = quantity_or_none(share_of(indicator.unit, value.numerator, value.denominator))
    if value.actual is None or share is None or value.numerator is None:
        return ""
    decimals = 1 if indicator.decimals is None else indicator.decimals
    if round_quantity(share, decimals) == round_quantity(value.actual, decimals):
        return ""
    return (
        f"{indicator.reference}: {plain_quantity(value.numerator)} of "
        f"{plain_quantity(value.denominator or 0)} is "
        f"{plain_quantity(round_quantity(share, decimals))}, not {plain_quantity(value.actual)}."
    )


def _not_in_file(table: TypedTable, stored: Mapping[int, IndicatorValue]) -> list[IndicatorValue]:
    """Return the period's values of indicators that the file does not name."""
    named = set(table.frame["reference"])
    rows = [value for value in stored.values() if value.indicator.reference not in named]
    return sorted(rows, key=lambda value: (value.indicator.order, value.indicator.reference))


def store_values(prepared: Prepared[Values], target: Target) -> None:
    """Replace the period's values by the file's, and remove the others.

    Fields whose column the file does not have stay as stored.
    """
    table, trace = prepared.table, {"upload": target.upload.pk}
    stored = values_in(target.its_period)
    for value in _not_in_file(table, stored):
        remove_value(value, by=target.by, **trace)
    for reference, values in prepared.payload.fields.items():
        indicator = prepared.payload.indicators[reference]
        put_value(
            period=target.its_period,
            indicator=indicator,
            before=stored.get(indicator.pk),
            values=values,
            by=target.by,
            **trace,
        )


def values_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's indicators, with what is stored of them in the period."""
    stored = values_in(place.its_period)
    listed = [
        each
        for each in register(place.year)
        if each.service_id is None or place.holds(each.service_id)
    ]
    words = statuses_to_declare(read_settings(place.year.settings))
    return TemplateContent(
        [_template_row(each, stored.get(each.pk)) for each in listed],
        {
            "reference": CodeList([ListedCode(each.reference, each.measure) for each in listed]),
            "status": CodeList([ListedCode(word) for word in words]),
        },
    )


def _template_row(indicator: Indicator, stored: IndicatorValue | None) -> dict[str, Any]:
    row = {"reference": indicator.reference}
    if stored is not None:
        row |= {column.name: getattr(stored, column.name) for column in _FIELDS}
    return row


registry.register_upload_kind(
    registry.UploadKind(
        name="indicators",
        label="Values of indicators",
        per_period=True,
        columns=COLUMNS,
        check=check_values,
        store=store_values,
        undo=RowsUndo(lambda target: [IndicatorValue.objects.filter(period=target.period)]),
        template=values_template,
        purpose="The values of the council’s indicators in the period. The file replaces the "
        "period’s values; what belongs to a column that the file does not have stays.",
    )
)
