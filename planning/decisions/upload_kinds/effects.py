"""decision_effects.csv: what decisions do to the money of services, by year."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.periods import NotAYear, financial_year_label
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import (
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.decisions.models import DecisionEffect, EffectKind
from planning.decisions.selectors import decisions_of, effects_of
from planning.upload_checks import (
    check_not_negative,
    check_once,
    check_references,
    read_year,
    whole_or_none,
    yes_no_or_none,
)
from planning.yes_or_no import yes_or_no

_CONTRACT_YEAR = re.compile(r"contract year ([1-9]\d?)", re.IGNORECASE)
_AMOUNTS = ("amount", "amount_low", "amount_high")
_MOST_PLAN_REFERENCE = 64
COLUMNS = (
    ColumnSpec(
        "decision_reference",
        CODE,
        required=True,
        meaning="The reference of the decision, as in the year’s decisions.",
        example="FP/19/07/02",
    ),
    ColumnSpec(
        "line",
        CODE,
        required=True,
        meaning="The number or name of the effect among those of its decision.",
        example="1",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(EffectKind.values),
        meaning="The sort of effect.",
        example="cost",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service or directorate that it falls on.",
        example="ADULT",
    ),
    ColumnSpec(
        "financial_year",
        TEXT,
        meaning="The financial year that it falls in, or the year of the contract.",
        blank="Not stated.",
        example="2019/20",
    ),
    ColumnSpec(
        "recurrence",
        CHOICE,
        choices=("recurring", "one_off"),
        meaning="Whether it comes again each year.",
        blank="Not stated.",
        example="recurring",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        meaning="The amount, without a sign: the kind says which way it goes.",
        blank="A range is given; without one, it is exempt or not known.",
        example="273300.00",
    ),
    ColumnSpec(
        "amount_low",
        AMOUNT,
        meaning="The lowest amount of a range.",
        blank="No range is given.",
        example="825000.00",
    ),
    ColumnSpec(
        "amount_high",
        AMOUNT,
        meaning="The highest amount of a range.",
        blank="No range is given.",
        example="1650000.00",
    ),
    ColumnSpec(
        "in_forecast",
        CHOICE,
        choices=("yes", "no"),
        meaning="Whether the forecast holds it.",
        blank="Not stated.",
        example="no",
    ),
    ColumnSpec(
        "in_plan",
        TEXT,
        meaning="The reference of the row of the plan that holds it, or no.",
        blank="Not stated.",
        example="G7",
    ),
    ColumnSpec(
        "note", TEXT, meaning="A note on it.", blank="None.", example="Contract less in house"
    ),
)


class NotAYearOfAnEffect(ValueError):
    """A text that is neither a financial year nor a year of a contract."""


def read_effect_year(text: str) -> tuple[int | None, int | None]:
    """Return the financial year (its first calendar year) and the contract year of a text.

    Raise `NotAYearOfAnEffect` where it is neither.
    """
    if not text:
        return None, None
    if match := _CONTRACT_YEAR.fullmatch(text):
        return None, int(match[1])
    try:
        return read_year(text), None
    except NotAYear as error:
        raise NotAYearOfAnEffect(
            "a financial year such as 2019/20, or “contract year 1”, was expected"
        ) from error


def write_effect_year(effect: DecisionEffect) -> str:
    """Return the year of an effect as the file has it."""
    if effect.contract_year is not None:
        return f"contract year {effect.contract_year}"
    return "" if effect.financial_year is None else financial_year_label(effect.financial_year)


def check_effects(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each effect names a decision and a service once, with amounts in order."""
    known = {each.reference for each in decisions_of(target.year)}
    check_once(
        table, ["decision_reference", "line"], "this line of the decision stands on an earlier row"
    )
    check_references(table, "decision_reference", known, "decisions.csv")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    check_not_negative(table, *_AMOUNTS)
    for row in table.frame.itertuples():
        _check_year(table, row)
        _check_range(table, row)
        if len(row.in_plan) > _MOST_PLAN_REFERENCE:
            table.problem(row.Index, "in_plan", row.in_plan, "the reference is too long")
    return Prepared(table, None)


def _check_year(table: TypedTable, row: Any) -> None:
    try:
        read_effect_year(row.financial_year)
    except NotAYearOfAnEffect as fault:
        table.problem(row.Index, "financial_year", row.financial_year, str(fault))


def _check_range(table: TypedTable, row: Any) -> None:
    low, high = row.amount_low, row.amount_high
    if pd.isna(low) != pd.isna(high):
        column = "amount_low" if pd.isna(low) else "amount_high"
        table.problem(row.Index, column, "", "a range has a lowest and a highest amount")
    elif not pd.isna(low) and low > high:
        table.problem(row.Index, "amount_high", "", "the highest amount is below the lowest")


def store_effects(prepared: Prepared[None], target: Target) -> None:
    """Replace the effects of each decision that the file names; those of others stay."""
    decisions = {each.reference: each.pk for each in decisions_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    frame = prepared.table.frame
    named = [decisions[each] for each in frame["decision_reference"].unique()]
    DecisionEffect.objects.filter(decision__in=named).delete()
    for order, row in enumerate(frame.itertuples(index=False), start=1):
        year, contract_year = read_effect_year(row.financial_year)
        DecisionEffect.objects.create(
            decision_id=decisions[row.decision_reference],
            line=row.line,
            kind=row.kind,
            service_id=services[row.service_code],
            financial_year=year,
            contract_year=contract_year,
            recurrence=row.recurrence,
            in_forecast=yes_no_or_none(row.in_forecast),
            in_plan=row.in_plan,
            note=row.note,
            order=order,
            **{f"{name}_pence": whole_or_none(getattr(row, name)) for name in _AMOUNTS},
        )


def effects_template(place: TemplatePlace) -> TemplateContent:
    """Return the effects of the year's decisions as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "decision_reference": each.decision.reference,
            "line": each.line,
            "kind": each.kind,
            "service_code": each.service.code,
            "financial_year": write_effect_year(each),
            "recurrence": each.recurrence,
            "in_forecast": yes_or_no(each.in_forecast),
            "in_plan": each.in_plan,
            "note": each.note,
            **{name: getattr(each, f"{name}_pence") for name in _AMOUNTS},
        }
        for each in effects_of(place.year)
    ]
    decisions = [ListedCode(each.reference, each.title) for each in decisions_of(place.year)]
    lists = {"service_code": place.list_services(), "decision_reference": CodeList(decisions)}
    return TemplateContent(rows, lists)


registry.register_upload_kind(
    registry.UploadKind(
        name="decision_effects",
        label="Effects of decisions",
        per_period=False,
        after="decisions",
        columns=COLUMNS,
        check=check_effects,
        store=store_effects,
        undo=RowsUndo(lambda target: [DecisionEffect.objects.filter(decision__year=target.year)]),
        template=effects_template,
        purpose="What decisions do to the money of services, by year. The file replaces the "
        "effects of the decisions that it names; those of others stay.",
    )
)
