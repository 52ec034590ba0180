"""capital_funding.csv: the sources that pay for the programme (a year), and their figures.

A period's file gives the revised funding and the forecast of each source.
"""

from collections.abc import Mapping, Set
from typing import Any

import pandas as pd

from capital.calculations import balances, compare_amounts
from capital.draft_rows import funding_rows, scheme_rows
from capital.models import NAME_LENGTH, FundingKind, FundingPosition, FundingSource
from capital.selectors import funding_of, positions_of_funding, schemes_of
from capital.upload_kinds.faults import (
    check_known,
    check_lengths,
    check_once,
    check_row_keys,
    given_amounts,
    put_rows,
    to_pence,
    warn_of_missing,
    warn_of_shortfalls,
    warn_of_unreported,
)
from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

NAME = "capital_funding"
SOURCES = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ files name the source.",
        example="CF-01",
    ),
    ColumnSpec(
        "source", TEXT, required=True, meaning="What reports call it.", example="Basic Need grant"
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(FundingKind.values),
        meaning="A contribution is paid by developers, schools or partners. Borrowing is the "
        "balance; a negative row is borrowing that is paid back.",
        example="grant",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="Its place in reports.",
        blank="Its place in the file.",
        example="1",
    ),
    ColumnSpec(
        "grant_reference",
        CODE,
        meaning="The grant in the register of grants that it applies.",
        blank="None is named.",
        example="G01",
    ),
    ColumnSpec(
        "original",
        AMOUNT,
        meaning="What it pays this year in the business plan.",
        blank="None: the source came after the plan.",
        example="900000.00",
    ),
    ColumnSpec(
        "spend_by",
        DATE,
        meaning="The last day on which its money may be spent, as agreements under section 106 "
        "and many grants have.",
        blank="None is known.",
        example="2023-03-31",
    ),
)
FIGURES = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The source’s reference, as in the year’s capital_funding.csv.",
        example="CF-01",
    ),
    ColumnSpec(
        "budget",
        AMOUNT,
        meaning="What it pays of this year’s revised budget.",
        blank="Not given, which is not nil.",
        example="950000.00",
    ),
    ColumnSpec(
        "forecast",
        AMOUNT,
        meaning="What it is expected to pay this year.",
        blank="Not given, which is not nil.",
        example="940000.00",
    ),
)
_TWICE = "this reference stands on an earlier row too"
Positions = dict[int, FundingPosition]
"""The positions that a file brings by the id of their source."""


def check_sources(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each source is on one row; warn where it does not equal the programme."""
    check_once(table, ["reference"], _TWICE)
    check_row_keys(table)
    check_lengths(table, {"source": NAME_LENGTH})
    stored = funding_of(target.year)
    if not table.problems:
        names = {each.reference: each.name for each in stored}
        warn_of_missing(table, names, "it stays as it is stored")
        named = set(table.frame["reference"])
        paid = [each.original_pence for each in stored if each.reference not in named]
        paid += [to_pence(pence) for pence in table.frame["original"]]
        spent = [scheme.original_budget_pence for scheme in schemes_of(target.year)]
        amounts = map(given_amounts, (spent, paid))
        warn_of_shortfalls(table, [compare_amounts("original", *amounts)])
    return Prepared(table, None, {"original": int(table.frame["original"].sum())})


def known_sources(prepared: Prepared[None], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's sources."""
    return {"reference": {source.reference for source in funding_of(target.year)}}


def store_sources(prepared: Prepared[None], target: Target) -> None:
    """Add or change sources by reference; those that the file does not name stay."""
    known = {source.reference: source for source in funding_of(target.year)}
    changed = []
    for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        source = known.get(row.reference) or FundingSource(
            year=target.year, reference=row.reference
        )
        source.name, source.kind = row.source, row.kind
        source.order = place if pd.isna(row.order) else int(row.order)
        source.original_pence = to_pence(row.original)
        if "grant_reference" in prepared.table.given:
            source.grant_reference = row.grant_reference
        if "spend_by" in prepared.table.given:
            source.spend_by = row.spend_by or None
        changed.append(source)
    put_rows(changed)


def sources_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's sources as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": source.reference,
            "source": source.name,
            "kind": source.kind,
            "order": source.order,
            "grant_reference": source.grant_reference,
            "original": source.original_pence,
            "spend_by": source.spend_by,
        }
        for source in funding_of(place.year)
    ]
    return TemplateContent(rows)


def check_figures(table: TypedTable, target: Target) -> Prepared[Positions]:
    """Check that each row is one source of the year; warn where it does not equal the programme."""
    sources = {source.reference: source for source in funding_of(target.year)}
    check_once(table, ["reference"], _TWICE)
    check_known(table, "reference", sources, "source", "the year’s capital_funding.csv")
    positions: Positions = {}
    if not table.problems:
        names = {reference: source.name for reference, source in sources.items()}
        warn_of_unreported(table, names, "source")
        stored = positions_of_funding(target.its_period)
        for row in table.frame.itertuples(index=False):
            source = sources[row.reference]
            position = stored.get(source.pk) or FundingPosition(
                period=target.its_period, source=source
            )
            _set_amounts(position, row, table.given)
            positions[source.pk] = position
        funding = funding_rows(target.its_period, positions)
        warn_of_shortfalls(table, balances(scheme_rows(target.its_period), funding)[1:])
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum()) for name in ("budget", "forecast") if name in table.given
    }
    return Prepared(table, positions, totals)


def _set_amounts(position: FundingPosition, row: Any, given: Set[str]) -> None:
    for name in ("budget", "forecast"):
        if name in given:
            setattr(position, f"{name}_pence", to_pence(getattr(row, name)))


def store_figures(prepared: Prepared[Positions], target: Target) -> None:
    """Replace the period's figures of sources by the file's rows."""
    positions = prepared.payload
    rows = FundingPosition.objects.filter(period=target.its_period)
    rows.exclude(source__in=list(positions)).delete()
    put_rows(list(positions.values()))


def figures_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's sources with what is stored of them in the period."""
    stored, sources = positions_of_funding(place.its_period), funding_of(place.year)
    rows: list[Mapping[str, Value]] = [
        {
            "reference": source.reference,
            "budget": stored[source.pk].budget_pence if source.pk in stored else None,
            "forecast": stored[source.pk].forecast_pence if source.pk in stored else None,
        }
        for source in sources
    ]
    codes = CodeList([ListedCode(source.reference, source.name) for source in sources])
    return TemplateContent(rows, {"reference": codes})


registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Capital funding",
        per_period=False,
        after="capital_reasons",
        columns=SOURCES,
        needs_one_of=("original",),
        check=check_sources,
        store=store_sources,
        known_codes=known_sources,
        undo=RowsUndo(lambda target: [FundingSource.objects.filter(year=target.year)]),
        template=sources_template,
        purpose="The sources that pay for the capital programme. Sources are added or changed by "
        "their reference; those that are not in the file stay. Funding must equal the programme.",
    )
)
registry.register_upload_kind(
    registry.UploadKind(
        name=NAME,
        label="Capital funding in this period",
        per_period=True,
        after="capital_reasons",
        columns=FIGURES,
        needs_one_of=("budget",),
        check=check_figures,
        store=store_figures,
        undo=RowsUndo(lambda target: [FundingPosition.objects.filter(period=target.period)]),
        template=figures_template,
        purpose="The month’s revised funding and forecast of each source. The file replaces the "
        "month’s figures. Funding must equal the programme, or the report cannot be published.",
    )
)
