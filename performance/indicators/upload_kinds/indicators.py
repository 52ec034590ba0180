"""indicators.csv for a year: the council's indicators, and their targets."""

from collections.abc import Mapping
from typing import Any

from council_finance import registry
from council_finance.quantities import NotAQuantity, parse_quantity, plain_quantity
from council_finance.uploads.columns import CHOICE, CODE, WHOLE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.indicators.models import (
    TEXT_LENGTH,
    WORD_LENGTH,
    Basis,
    Indicator,
    IndicatorBenchmark,
    IndicatorHistory,
    IndicatorValue,
    Polarity,
    Unit,
)
from performance.indicators.pipeline import put_indicator, remove_indicator
from performance.indicators.selectors.register import references, register
from performance.indicators.upload_kinds.cells import (
    field_values,
    number_column,
    refuse_many_decimals,
    refuse_repeated,
    whole_or_none,
)

_NONE = "none"
_AS_NEEDED = "As many as its numbers need."
_AS_VALUES = "As those of its values."


def _text_column(name: str, meaning: str, example: str) -> ColumnSpec:
    return ColumnSpec(name, meaning=meaning, blank="None is named.", example=example)


def _decimals_column(name: str, meaning: str, blank: str) -> ColumnSpec:
    return ColumnSpec(name, WHOLE, meaning=meaning, blank=blank, example="1")


COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ files name the indicator.",
        example="PI-05",
    ),
    ColumnSpec(
        "measure",
        required=True,
        meaning="What is measured, in words.",
        example="Adults receiving direct payments",
    ),
    _text_column(
        "long_name", "A longer name, for its own page.", "Adults who receive direct payments"
    ),
    _text_column("code", "The code of a national measure.", "ASCOF 2C pt 1"),
    _text_column("heading", "A heading above the outcome.", "Delay Need"),
    _text_column("priority", "The council’s priority that it serves.", "Wellbeing and Opportunity"),
    _text_column(
        "outcome", "The outcome under which it stands.", "Older people live well independently"
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service that answers for it.",
        blank="No service.",
        example="ADULTS",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place among the indicators.",
        blank="After those with a place, in the order of the file.",
        example="5",
    ),
    ColumnSpec(
        "polarity",
        CHOICE,
        required=True,
        choices=tuple(Polarity.values),
        meaning="Whether higher or lower is better, a band is aimed at, or neither.",
        example="higher",
    ),
    ColumnSpec(
        "unit",
        CHOICE,
        choices=tuple(Unit.values),
        meaning="The unit of its values.",
        blank="A number.",
        example="percent",
    ),
    ColumnSpec(
        "display",
        CHOICE,
        choices=("k", "m"),
        meaning="Whether values print in thousands or millions.",
        blank="In ones.",
        example="k",
    ),
    _decimals_column("decimals", "The decimals in which values print.", _AS_NEEDED),
    _decimals_column("target_decimals", "The decimals in which the target prints.", _AS_VALUES),
    _decimals_column(
        "headline_decimals", "The decimals of the value on the dashboard.", _AS_VALUES
    ),
    ColumnSpec(
        "basis",
        CHOICE,
        choices=tuple(Basis.values),
        meaning="What a value covers.",
        blank="The period.",
        example="year_to_date",
    ),
    number_column("target", "The year’s target.", "27", blank="No target, or a band."),
    ColumnSpec(
        "target_is_strict",
        YES,
        meaning="Whether the target is missed where it is just reached, such as “<8.1”.",
        blank="No.",
        example="yes",
    ),
    number_column("minimum", "The floor: beyond it the indicator is worse.", "24.5"),
    ColumnSpec(
        "minimum_percent",
        meaning="The floor in % behind the target, or “none”.",
        blank="That of the council’s settings.",
        example="10",
    ),
    number_column("target_low", "The lower edge of a band.", "56"),
    number_column("target_high", "The upper edge of a band.", "61"),
    number_column("target_count", "The target as a count.", "33"),
    _text_column("count_label", "What is counted.", "admissions"),
    number_column("future_target", "The target of a later year.", "74"),
    _decimals_column("future_decimals", "The decimals in which that prints.", _AS_VALUES),
    _text_column("unit_of_measure", "What a value is, in words.", "End of month snapshot"),
    _text_column("source", "Where the values come from.", "Social care case system"),
    _text_column("reported_in", "Codes of the reports that print it, with “;” between.", "MoS;QPR"),
    _text_column("activity_group", "The code of the activity group that drives it.", "LAC-EXT"),
    _text_column("saving_reference", "The reference of the saving that depends on it.", "A01"),
    ColumnSpec(
        "parent_reference",
        CODE,
        meaning="The reference of the indicator that this is a part of.",
        blank="It is no part of another.",
        example="DP",
    ),
    _text_column("note", "A note for readers.", "for information only"),
)
_OWN = ("reference", "service_code", "order", "minimum_percent", "parent_reference")
_PLAIN = tuple(column for column in COLUMNS if column.name not in _OWN)
_TEXTS = tuple(column.name for column in COLUMNS if column.kind == "text")
_LONG = ("measure", "long_name", "heading", "priority", "outcome", "unit_of_measure", "source")
_LONG_TEXTS = (*_LONG, "reported_in", "note")


def check_indicators(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row is one indicator with a target that its polarity can have."""
    frame = table.frame
    refuse_repeated(table, "reference")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    refuse_many_decimals(
        table, "decimals", "target_decimals", "headline_decimals", "future_decimals"
    )
    for column in _TEXTS:
        most = TEXT_LENGTH if column in _LONG_TEXTS else WORD_LENGTH
        most = 64 if column in ("activity_group", "saving_reference") else most
        for row in frame.index[frame[column].str.len() > most]:
            table.problem(row, column, "", f"the text has more than {most:,} characters")
    for row in frame.itertuples():
        _check_target(table, row)
    _check_parents(table, target)
    if not table.problems:
        for indicator in _not_in_file(table, target):
            stays = "so it stays" if _is_used(indicator) else "and has no values: it goes"
            table.warn(f"The file no longer names the indicator {indicator.reference}, {stays}.")
    return Prepared(table, None)


def _check_target(table: TypedTable, row: Any) -> None:
    """Note targets that a row's polarity cannot have, and a minimum that cannot be read."""
    low, high = whole_or_none(row.target_low), whole_or_none(row.target_high)
    is_band = row.polarity == Polarity.BAND
    if (low is not None or high is not None) and not is_band and row.polarity:
        message = "only an indicator whose polarity is band has a lower and an upper edge"
        column = "target_low" if low is not None else "target_high"
        table.problem(row.Index, column, plain_quantity(low or high or 0), message)
    elif low is not None and high is not None and low > high:
        message = f"the lower edge is above the upper edge, {plain_quantity(high)}"
        table.problem(row.Index, "target_low", plain_quantity(low), message)
    single = whole_or_none(row.target)
    if is_band and single is not None:
        message = "a band has a lower and an upper edge (target_low, target_high) and no target"
        table.problem(row.Index, "target", plain_quantity(single), message)
    try:
        percent, has_none = _read_minimum_percent(row.minimum_percent)
    except NotAQuantity:
        message = "a number from 0 to 100, or “none”, was expected"
        table.problem(row.Index, "minimum_percent", row.minimum_percent, message)
        return
    if has_none and whole_or_none(row.minimum) is not None:
        message = "it has a minimum and says that it has none"
        table.problem(row.Index, "minimum_percent", row.minimum_percent, message)


def _read_minimum_percent(text: str) -> tuple[int | None, bool]:
    """Return the floor in % as ten-thousandths, and whether there is none."""
    if text.strip().casefold() == _NONE:
        return None, True
    percent = parse_quantity(text)
    if percent is not None and not 0 <= percent <= 1_000_000:
        raise NotAQuantity("a number from 0 to 100 was expected")
    return percent, False


def _check_parents(table: TypedTable, target: Target) -> None:
    """Note parents that are no indicator, and circles."""
    parents = {
        each.reference: each.parent.reference if each.parent else ""
        for each in register(target.year)
    }
    parents |= {row.reference: row.parent_reference for row in table.frame.itertuples()}
    for row in table.frame.itertuples():
        if row.parent_reference and row.parent_reference not in parents:
            message = "there is no indicator with this reference, in the file or before"
            table.problem(row.Index, "parent_reference", row.parent_reference, message)
        elif _is_in_circle(row.reference, parents):
            message = "the indicator is a part of itself, by this parent or those above it"
            table.problem(row.Index, "parent_reference", row.parent_reference, message)


def _is_in_circle(reference: str, parents: Mapping[str, str]) -> bool:
    passed, here = set(), reference
    while here := parents.get(here, ""):
        if here == reference:
            return True
        if here in passed:
            return False
        passed.add(here)
    return False


def _not_in_file(table: TypedTable, target: Target) -> list[Indicator]:
    named = set(table.frame["reference"])
    return [each for each in register(target.year) if each.reference not in named]


def _is_used(indicator: Indicator) -> bool:
    """Return True where values, comparators or parts belong to the indicator."""
    rows = (IndicatorValue, IndicatorBenchmark, IndicatorHistory)
    return any(model.objects.filter(indicator=indicator).exists() for model in rows) or (
        Indicator.objects.filter(parent=indicator).exists()
    )


def known_indicators(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's indicators."""
    return {"reference": set(references(register(target.year)))}


def store_indicators(prepared: Prepared[None], target: Target) -> None:
    """Add or update indicators by reference; remove those not named that nothing refers to."""
    table, trace = prepared.table, {"upload": target.upload.pk}
    known = references(register(target.year))
    by_code = {each.code: each for each in Service.objects.filter(year=target.year)}
    rows = list(table.frame.itertuples(index=False))
    places = sorted(range(len(rows)), key=lambda place: _place_of(rows[place], place))
    order = {rows[place].reference: number for number, place in enumerate(places, start=1)}
    for row in rows:
        indicator = known.get(row.reference) or Indicator(
            year=target.year, reference=row.reference, order=0
        )
        values = field_values(table, row, _PLAIN) | _minimum_values(table, row)
        if "service_code" in table.given:
            values["service"] = by_code.get(row.service_code)
        values = _with_defaults(values)
        moved, indicator.order = indicator.order != order[row.reference], order[row.reference]
        if not put_indicator(indicator, values, by=target.by, **trace) and moved:
            indicator.save(update_fields=["order"])
        known[row.reference] = indicator
    _store_parents(table, known)
    _store_missing(_not_in_file(table, target), len(rows), target)


def _place_of(row: Any, place: int) -> tuple[bool, int, int]:
    given = whole_or_none(row.order)
    return given is None, given or 0, place


def _with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with what a blank unit and basis stand for."""
    defaults = {"unit": Unit.NUMBER.value, "basis": Basis.PERIOD.value}
    return {
        name: defaults.get(name, "") if value == "" else value for name, value in values.items()
    }


def _minimum_values(table: TypedTable, row: Any) -> dict[str, Any]:
    if "minimum_percent" not in table.given:
        return {}
    percent, has_none = _read_minimum_percent(row.minimum_percent)
    return {"minimum_percent": percent, "has_no_minimum": has_none}


def _store_parents(table: TypedTable, known: Mapping[str, Indicator]) -> None:
    """Join parts to their indicators, once all of them are stored."""
    if "parent_reference" not in table.given:
        return
    for row in table.frame.itertuples(index=False):
        indicator, parent = known[row.reference], known.get(row.parent_reference)
        if indicator.parent_id != (parent.pk if parent else None):
            indicator.parent = parent
            indicator.save(update_fields=["parent"])


def _store_missing(missing: list[Indicator], last: int, target: Target) -> None:
    """Move indicators that the file does not name to the end, or remove them."""
    stay = [each for each in missing if _is_used(each)]
    for indicator in missing:
        if indicator not in stay:
            remove_indicator(indicator, by=target.by, upload=target.upload.pk)
    for place, indicator in enumerate(stay, start=last + 1):
        indicator.order = place
        indicator.save(update_fields=["order"])


def indicators_template(place: TemplatePlace) -> TemplateContent:
    """Return the indicators as they are stored."""
    rows = [
        {column.name: getattr(each, column.name) for column in _PLAIN}
        | {
            "reference": each.reference,
            "service_code": each.service.code if each.service else "",
            "order": each.order,
            "minimum_percent": _write_minimum_percent(each),
            "parent_reference": each.parent.reference if each.parent else "",
        }
        for each in register(place.year)
        if each.service_id is None or place.holds(each.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


def _write_minimum_percent(indicator: Indicator) -> str:
    if indicator.has_no_minimum:
        return _NONE
    percent = indicator.minimum_percent
    return "" if percent is None else plain_quantity(percent)


registry.register_upload_kind(
    registry.UploadKind(
        name="indicators",
        label="Performance indicators",
        per_period=False,
        columns=COLUMNS,
        check=check_indicators,
        store=store_indicators,
        known_codes=known_indicators,
        undo=RowsUndo(lambda target: [Indicator.objects.filter(year=target.year)]),
        template=indicators_template,
        purpose="The council’s performance indicators of the year with their targets. They are "
        "added or changed by their reference. One that is not in the file goes, unless it has "
        "values.",
    )
)
