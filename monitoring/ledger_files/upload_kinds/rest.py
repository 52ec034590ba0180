"""Warn of a file for a part of the council in a month that lacks the other parts."""

import pandas as pd

from council_finance.uploads.table import TypedTable
from monitoring.ledger_files.selectors import HELD, holds_a_whole_position, missing_rest
from monitoring.ledger_files.stored import positions_of_period
from monitoring.ledger_files.upload_kinds.lines import Lines
from monitoring.uploading.prepared import Target


def warn_of_missing_rest(
    table: TypedTable, positions: pd.DataFrame, lines: Lines, target: Target
) -> None:
    """Warn of services of the month before that will have no budget in the period.

    Do not warn once a position of the whole period was stored: lines that it leaves out are gone.
    """
    period = target.its_period
    before = target.period_before
    if before is None or holds_a_whole_position(period):
        return
    services = lines.services_by_line()
    now, last = (
        frame.assign(service=frame["line"].map(services))
        for frame in (positions, positions_of_period(target, before))
    )
    if rest := missing_rest(period, now, last, before, lines.tree):
        table.warn(f"{rest.sentence} {HELD}")
