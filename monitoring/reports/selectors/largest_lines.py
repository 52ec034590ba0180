"""The budget lines of a draft with the largest variances, by row of the report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from monitoring.figures.calculations import line_variances
from monitoring.forecasts.selectors.lines import current_figures, service_lines
from monitoring.ledger.selectors.line_names import public_line_name
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.node_lines import exempt_ids
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import BudgetLine
from monitoring.structure.selectors.tree import current_tree


@dataclass(frozen=True)
class LargeLine:
    """A budget line with its figures in pence; the forecast None where none is given.

    `name` is its public name with its code, `description` its name alone.
    """

    name: str
    description: str
    exempt: bool
    budget: int
    forecast: int | None
    net_variance: int


def find_largest_lines(
    facts: ReportData, nodes: Iterable[ReportRow], *, with_exempt: bool, count: int
) -> dict[str, list[LargeLine]]:
    """Return by row of a draft the lines under it with the largest net variances, over or under.

    Exempt lines are left out unless `with_exempt`.
    """
    tree = current_tree(facts.period.year)
    under = {node.key: facts.keys_under(node.key) for node in nodes}
    services = {
        key: [pk for pk, home in tree.home_keys.items() if home in rows]
        for key, rows in under.items()
    }
    lines = _read_lines(facts, {pk for each in services.values() for pk in each}, with_exempt)
    lines = lines[lines["net_variance"].fillna(0) != 0]
    sizes = lines["net_variance"].abs().astype("int64")
    largest = {
        key: lines.loc[sizes[lines["service"].isin(each)].nlargest(count).index]
        for key, each in services.items()
    }
    wanted = {int(line) for each in largest.values() for line in each["line"]}
    known = BudgetLine.objects.select_related("service").in_bulk(list(wanted))
    return {
        key: [_build_line(row, known[int(row.line)]) for row in each.itertuples()]
        for key, each in largest.items()
    }


def _read_lines(facts: ReportData, services: set[int], with_exempt: bool) -> pd.DataFrame:
    """Return the lines of these services with their variances, from the current forecasts."""
    lines = _positions_at(facts, services)
    if not with_exempt:
        lines = lines[~lines["line"].isin(exempt_ids(facts))]
    return line_variances(lines)


def _positions_at(facts: ReportData, services: set[int]) -> pd.DataFrame:
    """Return the lines of these services: out of all lines where the page has read them."""
    if facts.reader.has_read(facts.period.batch):
        lines = facts.positions
        return lines[lines["service"].isin(services)]
    return current_figures(service_lines(facts.period, sorted(services)))


def _build_line(row: Any, line: BudgetLine) -> LargeLine:
    forecast = row.forecast
    return LargeLine(
        public_line_name(line),
        line.description,
        line.exempt,
        int(row.current_budget),
        None if pd.isna(forecast) else int(forecast),
        int(row.net_variance),
    )
