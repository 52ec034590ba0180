"""Templates of files of budget lines: the council's lines, with their budgets where right."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.typed_forecasts import typed_figures
from monitoring.ledger_files.upload_kinds.line_columns import AMOUNTS
from monitoring.ledger_files.upload_kinds.typed import FILE_COLUMNS
from monitoring.structure.models import UNALLOCATED, BudgetLine
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.structure.trees import Tree
from monitoring.uploading.template_place import TemplatePlace

_BUDGETS = ("original_budget", "current_budget")
_CARRIED = {
    "forecast": "forecast_carried_from",
    "planned_use_of_reserves": "planned_use_carried_from",
    "planned_use_of_capital_receipts": "planned_use_carried_from",
}
"""Figures that a template leaves blank where they are last month's."""


def position_template(place: TemplatePlace) -> TemplateContent:
    """Return the lines with what is stored for the period; else with last month's budgets."""
    batch, is_own = _find_batch(place)
    return _build_content(place, batch, AMOUNTS if is_own else _BUDGETS, with_exempt_mark=True)


def budgets_template(place: TemplatePlace) -> TemplateContent:
    """Return the lines with their budgets."""
    return _build_content(place, _find_batch(place)[0], _BUDGETS)


def lines_template(place: TemplatePlace) -> TemplateContent:
    """Return the lines without a figure: a blank cell changes nothing."""
    return _build_content(place, _find_batch(place)[0], ())


def _find_batch(place: TemplatePlace) -> tuple[Batch | None, bool]:
    """Return the figures to begin with, and whether they are the period's own."""
    period = place.its_period
    if period.batch is not None:
        return period.batch, True
    before = earlier_period(period)
    return (before.batch if before else None), False


def _build_content(
    place: TemplatePlace,
    batch: Batch | None,
    amounts: Sequence[str],
    *,
    with_exempt_mark: bool = False,
) -> TemplateContent:
    lines = BudgetLine.objects.filter(year=place.year).in_bulk()
    typed = _find_typed_cells(place) if "forecast" in amounts else set()
    rows: list[Mapping[str, Value]] = []
    for position in _read_positions(place, batch):
        line = lines[position["line"]]
        if not place.holds(line.service_id) or (line.exempt and not place.with_exempt):
            continue
        figures = {
            name: None if (line.pk, name) in typed else _figure_to_show(position, name)
            for name in amounts
        }
        mark = {"exempt": line.exempt} if with_exempt_mark else {}
        rows.append({**_describe_line(place.tree, line), **figures, **mark})
    rows.sort(key=lambda row: (str(row["cost_centre"]), str(row["account"])))
    return TemplateContent(rows, _list_codes(place, rows))


def _find_typed_cells(place: TemplatePlace) -> set[tuple[int, str]]:
    """Return line and column of figures that were typed, which a template leaves blank."""
    typed = typed_figures(place.its_period.pk)
    return {(row.line, FILE_COLUMNS[row.measure]) for row in typed.itertuples()}


def _describe_line(tree: Tree, line: BudgetLine) -> dict[str, Value]:
    """Return a line's codes and description.

    The service is left blank where the file would move the line by naming it.
    """
    service = tree.register[line.service_id]
    is_placed = tree.home(service.id) == service.id and service.code != UNALLOCATED
    return {
        "service_code": service.code if is_placed else "",
        "cost_centre": line.cost_centre,
        "account": line.account,
        "description": line.description,
    }


def _read_positions(place: TemplatePlace, batch: Batch | None) -> Iterator[dict[str, Any]]:
    """Yield the positions of a batch as plain values."""
    fields = [f"{name}_pence" for name in AMOUNTS]
    rows = Position.objects.of(place.year, batch).order_by("line_id")
    yield from rows.values("line", *fields, *sorted(set(_CARRIED.values())))


def _figure_to_show(position: Mapping[str, Any], name: str) -> int | None:
    carried = _CARRIED.get(name)
    if carried and position[carried] is not None:
        return None
    pence: int | None = position[f"{name}_pence"]
    return pence


def _list_codes(place: TemplatePlace, rows: Iterable[Mapping[str, Value]]) -> dict[str, CodeList]:
    """Return the lists of services, and of the codes that lines have; a line may be new."""
    found = {"service_code": place.list_services(leaf=True)}
    rows = list(rows)
    for name in ("cost_centre", "account"):
        codes = sorted({str(row[name]) for row in rows})
        found[name] = CodeList([ListedCode(code) for code in codes], may_be_new=True)
    return found
