"""The checks of `ColumnsForm`: every column given once, and nothing said by halves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.layout_words import label_of
from monitoring.uploading.matching.layout_fields import (
    BOTH,
    MOST_SPLITS,
    REVERSE,
    SUFFIX,
    read_numbers,
    splits_given,
)
from monitoring.uploading.matching.shape_fields import numbered, split_lines

if TYPE_CHECKING:
    from monitoring.uploading.matching.columns_form import ColumnsForm


def check_columns(form: ColumnsForm, data: dict[str, Any]) -> None:
    """Add the faults of a form's cleaned fields to it, each at its field."""
    taken: dict[str, str] = {}
    split = _check_splits(form, data, taken)
    shaped = {*form.shape.makes(), *form.kept_makes}
    for spec in form.specs:
        _check_ways(form, spec, data, spec.name in split, spec.name in shaped)
        _check_heading(form, spec, data, taken)
        _check_sides(form, spec, data)
    _check_signs(form, data)


def _add_fault(form: ColumnsForm, spec: ColumnSpec, sentence: str) -> None:
    form.add_error(f"column_{spec.name}", sentence)


def _check_ways(
    form: ColumnsForm, spec: ColumnSpec, data: dict[str, Any], is_split: bool, is_shaped: bool
) -> None:
    """Refuse a column that is given in several ways, and a needed one in none."""
    label = label_of(spec.name)
    sided = data.get(f"debit_{spec.name}") or data.get(f"credit_{spec.name}")
    named, fixed = data.get(f"column_{spec.name}"), data.get(f"fixed_{spec.name}")
    ways = [bool(named), bool(fixed), is_split, is_shaped, bool(sided)]
    if sum(ways) > 1:
        _add_fault(
            form,
            spec,
            f"{label}: give a column of its own, or one value, or both codes in one column, or "
            "debits and credits, or make it by the shape of the file; not several of these.",
        )
    elif spec.required and not any(ways) and not form.has_error(f"column_{spec.name}"):
        or_one = "" if spec.kind == AMOUNT else ", or give one value for every row"
        _add_fault(form, spec, f"{label}: choose the column that holds it{or_one}.")


def _check_heading(
    form: ColumnsForm, spec: ColumnSpec, data: dict[str, Any], taken: dict[str, str]
) -> None:
    """Refuse a heading that is chosen twice, and figures whose unit is not certain."""
    label, place = label_of(spec.name), data.get(f"column_{spec.name}")
    if not place:
        return
    heading = form.headings.titles[int(place)]
    if spec.kind == AMOUNT and not data.get(f"unit_{spec.name}") and form.units[int(place)] is None:
        form.add_error(
            f"unit_{spec.name}",
            f"{label}: choose the unit. The file does not say clearly in which unit the figures "
            f"under “{heading}” are.",
        )
    if place in taken:
        _add_fault(form, spec, f"{label}: “{heading}” is chosen for {taken[place].lower()} too.")
    else:
        taken[place] = label


def _check_sides(form: ColumnsForm, spec: ColumnSpec, data: dict[str, Any]) -> None:
    debit, credit = (data.get(f"{side}_{spec.name}") for side in ("debit", "credit"))
    if bool(debit) != bool(credit):
        missing = "credit" if debit else "debit"
        form.add_error(
            f"{missing}_{spec.name}",
            f"{label_of(spec.name)}: choose the columns of debits and of credits.",
        )
    elif debit and debit == credit:
        form.add_error(f"credit_{spec.name}", "Choose another column than that of debits.")


def _check_splits(form: ColumnsForm, data: dict[str, Any], taken: dict[str, str]) -> set[str]:
    """Check the columns with several codes, and return the codes that they hold."""
    found: set[str] = set()
    how = data.get("separator") or data.get("together_lengths")
    if form.splits and how and not data.get("together"):
        form.add_error("together", "Choose the column that holds both codes.")
    for prefix in numbered("split", MOST_SPLITS):
        said = [name for name in data if name.startswith(f"{prefix}_") and data[name]]
        if said and not data.get(f"{prefix}_column"):
            form.add_error(f"{prefix}_column", "Choose the column that holds the codes.")
    for prefix, codes in splits_given(data):
        together = prefix == "together"
        place = data["together" if together else f"{prefix}_column"]
        how, lengths = "separator" if together else f"{prefix}_separator", f"{prefix}_lengths"
        _check_split(form, data, how, lengths, codes)
        if len(codes) < 2:  # noqa: PLR2004
            form.add_error(f"{prefix}_into_1", "Say which two codes or more the column holds.")
        taken[place] = "Cost centre and account" if together else "several codes"
        found |= set(codes)
    return found


def _check_split(
    form: ColumnsForm, data: dict[str, Any], how: str, lengths: str, codes: list[str]
) -> None:
    text = data.get(lengths)
    if bool(data.get(how)) == bool(text):
        one = "Say what stands between the two codes." if not text else "Give one of the two."
        form.add_error(how, one)
    elif text and len(read_numbers(text) or ()) != len(codes):
        form.add_error(lengths, f"Give {len(codes)} whole numbers, such as 4, 3.")


def _check_signs(form: ColumnsForm, data: dict[str, Any]) -> None:
    """Refuse signs that contradict each other, and expressions that cannot be read."""
    for own in form.amounts:
        if data.get(f"debit_{own}") and data.get(f"sign_{own}") in (SUFFIX, BOTH):
            form.add_error(
                f"sign_{own}", "Debits and credits have columns of their own: no CR is read there."
            )
    patterns = split_lines(data.get("income_patterns"))
    for text in patterns:
        try:
            re.compile(text)
        except re.error as error:
            form.add_error("income_patterns", f"“{text}” is not a regular expression ({error}).")
    income = patterns or split_lines(data.get("income_beginnings"))
    if income and any(data.get(f"sign_{own}") in (REVERSE, BOTH) for own in form.amounts):
        form.add_error(
            "income_beginnings",
            "Reverse accounts of income, or whole columns (Sign: Reversed); not both.",
        )
