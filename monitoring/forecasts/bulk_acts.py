"""Fill the forecasts of many lines at once; nothing is saved by it.

The page does the same in the browser; without JavaScript the grid comes back with its cells filled.
"""

from collections.abc import Collection
from dataclasses import dataclass

from monitoring.forecasts.entered_cells import SentLine
from monitoring.forecasts.selectors.grid import Grid, figure
from monitoring.forecasts.selectors.lines import GridLine
from monitoring.ledger.selectors.typed_amounts import FORECAST

FILLS = {
    "fill-down": "Fill down",
    "fill-budget": "Set to budget",
    "fill-run-rate": "Set to run rate",
    "fill-profile": "Set to profile",
    "fill-proposal": "Take the proposal",
}
"""Acts that fill cells, by the value of their button."""


@dataclass(frozen=True)
class Filled:
    """The numbers of cells that were filled, and of lines without the figure for it."""

    cells: int
    without: int


def chosen_lines(grid: Grid, ticked: Collection[int]) -> list[GridLine]:
    """Return the lines of the page that take forecasts: those that are ticked, or else all."""
    lines = [line for line in grid.lines if grid.section_of[line.line.pk].takes_forecasts]
    chosen = [line for line in lines if line.line.pk in ticked]
    return chosen or lines


def fill_cells(act: str, grid: Grid, ticked: Collection[int], kept: dict[int, SentLine]) -> Filled:
    """Put a figure into the forecasts of the chosen lines, among what was sent and is kept."""
    lines = chosen_lines(grid, ticked)
    first = ""
    if act == "fill-down" and lines:
        head, *lines = lines
        sent = kept.get(head.line.pk, SentLine()).texts
        first = sent.get(FORECAST, "" if head.forecast is None else figure(head.forecast))
    cells = 0
    for line in lines:
        text = first if act == "fill-down" else _text_of(act, grid, line)
        if text:
            kept.setdefault(line.line.pk, SentLine()).texts[FORECAST] = text
            cells += 1
    return Filled(cells, len(lines) - cells)


def _text_of(act: str, grid: Grid, line: GridLine) -> str:
    """Return the figure that an act puts into a line's cell; "" where the line has none."""
    proposal = grid.proposal(line)
    pence = {
        "fill-budget": line.budget,
        "fill-run-rate": line.run_rate,
        "fill-profile": line.actual_and_rest_of_profile,
        "fill-proposal": proposal.pence if proposal else None,
    }[act]
    return "" if pence is None else figure(pence)
