"""benchmarks.csv for a period: what indicators are compared with."""

from typing import Any

from council_finance import registry
from council_finance.uploads.columns import CODE, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from performance.indicators.models import TEXT_LENGTH, WORD_LENGTH, IndicatorBenchmark
from performance.indicators.selectors.register import references, register
from performance.indicators.settings_tables import KNOWN_COMPARATORS, performance_settings
from performance.indicators.upload_kinds.cells import (
    field_values,
    number_column,
    refuse_many_decimals,
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
        "comparator",
        CODE,
        required=True,
        meaning="With what it is compared; a column of its own.",
        example="england",
    ),
    number_column("value", "The comparator’s value.", "45.3", blank="Only a quartile is known."),
    ColumnSpec(
        "decimals",
        WHOLE,
        meaning="The decimals in which it prints.",
        blank="Those of the indicator.",
        example="1",
    ),
    number_column("numerator", "The count that is a part of the whole.", "742"),
    number_column("denominator", "The whole.", "782"),
    ColumnSpec(
        "quartile", meaning="The quartile, as it prints.", blank="Not known.", example="Top"
    ),
    ColumnSpec(
        "data_period",
        meaning="What the value covers, as it prints.",
        blank="Not stated.",
        example="2017/18",
    ),
    ColumnSpec("note", meaning="A note for readers.", blank="None.", example="paragraph 19"),
)
_FIELDS = COLUMNS[2:]
_LENGTHS = {"quartile": WORD_LENGTH, "data_period": WORD_LENGTH, "note": TEXT_LENGTH}


def check_benchmarks(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each row gives a value or a quartile of a known indicator."""
    refuse_repeated(table, "reference", "comparator")
    refuse_unknown(table, references(register(target.year)))
    refuse_many_decimals(table, "decimals")
    for column, most in _LENGTHS.items():
        for row in table.frame.index[table.frame[column].str.len() > most]:
            table.problem(row, column, "", f"the text has more than {most:,} characters")
    for row in table.frame.itertuples():
        if whole_or_none(row.value) is None and not row.quartile:
            table.problem(row.Index, "value", "", "a value or a quartile is needed")
    listed = performance_settings(read_settings(target.year.settings)).comparators
    others = sorted(set(table.frame["comparator"]) - {"", *listed, *KNOWN_COMPARATORS})
    if listed and others and not table.problems:
        table.warn(
            f"{', '.join(others)}: the council’s settings do not list this comparator, so it has "
            "no column."
        )
    return Prepared(table, None)


def store_benchmarks(prepared: Prepared[None], target: Target) -> None:
    """Replace the period's comparators by the file's."""
    table = prepared.table
    known = references(register(target.year))
    rows = [
        IndicatorBenchmark(
            period=target.its_period,
            indicator=known[row.reference],
            comparator=row.comparator,
            order=place,
            **field_values(table, row, _FIELDS),
        )
        for place, row in enumerate(table.frame.itertuples(index=False), start=1)
    ]
    stored = IndicatorBenchmark.objects.filter(period=target.its_period)
    replace_rows({_key_of(row): row for row in stored}, {_key_of(row): row for row in rows})


def _key_of(row: IndicatorBenchmark) -> tuple[int, str]:
    return row.indicator_id, row.comparator


def benchmarks_template(place: TemplatePlace) -> TemplateContent:
    """Return the period's comparators as they are stored."""
    found = IndicatorBenchmark.objects.filter(period=place.its_period).select_related("indicator")
    rows = [
        _template_row(each)
        for each in found.order_by("order")
        if each.indicator.service_id is None or place.holds(each.indicator.service_id)
    ]
    codes = [ListedCode(code, words) for code, words in KNOWN_COMPARATORS.items()]
    return TemplateContent(rows, {"comparator": CodeList(codes, may_be_new=True)})


def _template_row(row: IndicatorBenchmark) -> dict[str, Any]:
    own = {column.name: getattr(row, column.name) for column in _FIELDS}
    return {"reference": row.indicator.reference, "comparator": row.comparator} | own


registry.register_upload_kind(
    registry.UploadKind(
        name="benchmarks",
        label="Comparators of indicators",
        per_period=True,
        after="indicator_history",
        columns=COLUMNS,
        check=check_benchmarks,
        store=store_benchmarks,
        needs_one_of=("value",),
        undo=RowsUndo(lambda target: [IndicatorBenchmark.objects.filter(period=target.period)]),
        template=benchmarks_template,
        purpose="What the council’s indicators are compared with in the period, such as England. "
        "The file replaces the period’s comparators.",
    )
)
