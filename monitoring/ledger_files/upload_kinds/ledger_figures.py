"""Compare the ledger's own figures in a file with those that are stored."""

from collections.abc import Iterator

import pandas as pd

from monitoring.ledger_files.upload_kinds.lines import Lines, scope_services
from monitoring.uploading.prepared import Target

LEDGER = (
    "original_budget",
    "current_budget",
    "actual_to_date",
    "commitments",
    "profiled_budget_to_date",
)
"""The ledger's figures of a line; forecasts and planned use come from people."""


def ledger_changes(
    frame: pd.DataFrame, line: pd.Series, stored: pd.DataFrame, *, blanks: bool = False
) -> Iterator[pd.DataFrame]:
    """Yield for each of the ledger's columns the rows whose figure is not the stored one.

    `frame` has the columns that a file gives (Int64 pence), `line` the line of each row, `stored`
    the period's positions. Columns row, line, column, given, now (Int64). Blank cells count only
    with `blanks`.
    """
    stored_by_line = stored.set_index("line")
    known = line.isin(stored["line"])
    for name in LEDGER:
        if name not in frame:
            continue
        given = frame[name]
        now = stored_by_line[name].astype("Int64").reindex(line.to_numpy()).set_axis(line.index)
        other = (given != now).fillna(True) & ~(given.isna() & now.isna()) & known
        if not blanks:
            other &= given.notna()
        rows = pd.DataFrame({"row": line.index, "line": line, "given": given, "now": now})
        yield rows[other.astype(bool)].assign(column=name)


def lines_in_scope(stored: pd.DataFrame, lines: Lines, target: Target) -> pd.DataFrame:
    """Return the stored positions that an upload covers: all, or those of its scope."""
    if not target.scope or stored.empty:
        return stored
    service = stored["line"].map(lines.known.set_index("line")["service"])
    inside = scope_services(lines.tree, target.scope)
    return stored[service.map(lines.tree.home).isin(inside)]
