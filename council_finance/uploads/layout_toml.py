"""A layout's definition as the TOML file that `save_layout` takes. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import tomli_w

from council_finance.uploads.columns import ColumnSpec

_ORDER = (
    *("sheet", "header_rows", "round_to_penny"),
    *("columns", "fixed", "split", "debit_credit", "suffix", "sign", "units", "skip", "steps"),
)
_STEP_ORDER = (
    *("do", "column", "columns", "after", "heading", "name", "values", "figures"),
    *("separator", "count", "length", "into", "headings_into", "figures_into", "to_period", "by"),
)


def write_layout_toml(definition: Mapping[str, Any], specs: Sequence[ColumnSpec]) -> str:
    """Return a definition as TOML; equal definitions give the same text.

    Keys are in the order of docs/ledger-exports.md, columns in that of the product's columns
    `specs`: a database may keep the keys of a definition in another order.
    """
    by_column = _rank_in([spec.name for spec in specs])
    tables = dict(_sort_keys(definition, _rank_in(_ORDER)))
    if "columns" in tables:
        pairs = tables["columns"].items()
        tables["columns"] = dict(sorted(pairs, key=lambda each: (by_column(each[1]), each[0])))
    for name in ("fixed", "debit_credit", "units"):
        if name in tables:
            tables[name] = dict(_sort_keys(tables[name], by_column))
    for name in ("split", "skip", "sign"):
        if name in tables:
            tables[name] = dict(sorted(tables[name].items()))
    if "split" in tables:
        tables["split"] = {
            heading: dict(sorted(rule.items())) for heading, rule in tables["split"].items()
        }
    if "steps" in tables:
        tables["steps"] = [_sort_step(step) for step in tables["steps"]]
    return tomli_w.dumps(tables)


def _sort_step(step: Mapping[str, Any]) -> dict[str, Any]:
    into = step.get("into")
    if isinstance(into, Mapping):
        parts = dict(sorted(into.items(), key=lambda each: (each[1], each[0])))
        step = {**step, "into": parts}
    return dict(_sort_keys(step, _rank_in(_STEP_ORDER)))


def _sort_keys(table: Mapping[str, Any], rank: Callable[[str], int]) -> Iterable[tuple[str, Any]]:
    return sorted(table.items(), key=lambda each: (rank(each[0]), each[0]))


def _rank_in(names: Sequence[str]) -> Callable[[str], int]:
    """Return a function that gives the place of a name; other names come after all of them."""
    places = {name: place for place, name in enumerate(names)}
    return lambda name: places.get(name, len(places))
