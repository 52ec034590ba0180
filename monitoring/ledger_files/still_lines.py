"""Warnings where a month's file has the figures of the month before."""

from monitoring.ledger_files.stored import stored_positions
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.seen_before import warn_where_nothing_moved


def warn_of_still_lines(prepared: Prepared, target: Target) -> bool:
    """Of lines' files: whether the actuals, or without them the forecasts, have moved at all."""
    before = earlier_period(target.period)
    if before is None:
        return False
    for name, words in (("actual_to_date", "actual"), ("forecast", "forecast")):
        if name not in prepared.table.given:
            continue
        given = prepared.table.frame[name]
        given = given.set_axis(prepared.payload.lines.placed["line"].to_numpy())
        last = stored_positions(target, before.batch).set_index("line")[name]
        last = last.reindex(given.index).astype("Int64")
        counted = given.notna() & last.notna() & (last != 0)
        same = int((counted & (given == last)).fillna(False).sum())
        return warn_where_nothing_moved(
            prepared.table, same, int(counted.sum()), f"{before.name.lower()}", f"no {words}", words
        )
    return False
