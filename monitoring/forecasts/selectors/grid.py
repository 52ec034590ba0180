"""The forecast grid of a row of the tree, for its page: lines by service, with their totals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, period_name
from council_finance.registry import PlannedUsePurpose, planned_use_purposes
from monitoring.forecast_methods.selectors.proposals import Proposal, proposals
from monitoring.forecasts.selectors.area import Area, Section
from monitoring.forecasts.selectors.grid_choice import COLUMNS, TIES, GridChoice
from monitoring.forecasts.selectors.line_order import choose_lines
from monitoring.forecasts.selectors.lines import GridLine, grid_lines
from monitoring.ledger.selectors.typed_amounts import PLANNED_USE_LABELS
from monitoring.structure.models import Period

LINES_A_PAGE = 2_000
"""The number of lines on a page; a browser still responds at once to so many."""


@dataclass(frozen=True)
class LineGroup:
    """Lines that follow each other; of one section, or of several where they are sorted."""

    section: Section | None
    lines: list[GridLine]


@dataclass(frozen=True)
class Grid:
    """One page of an area's lines.

    `columns` are the names of those that are shown, `offered` of those that can be. `section_of`
    gives the section of each line (id). `count` counts the lines that were chosen, on all pages.
    `purposes` are what planned use of each measure can be tied to, by code.
    """

    area: Area
    groups: list[LineGroup]
    section_of: Mapping[int, Section]
    columns: tuple[str, ...]
    offered: tuple[str, ...]
    purposes: Mapping[str, Mapping[str, PlannedUsePurpose]]
    proposals: Mapping[int, Proposal]
    count: int
    hidden_exempt: int
    page: int
    pages: int
    number: int

    @property
    def lines(self) -> list[GridLine]:
        """Return the lines of the page in their order."""
        return [line for group in self.groups for line in group.lines]

    @property
    def is_of_one_service(self) -> bool:
        """Return whether the grid is that of a service without others under it."""
        sections = self.area.sections
        return len(sections) == 1 and sections[0].key == self.area.node.code

    @property
    def at_close(self) -> bool:
        """Return whether forecasts are outturns."""
        return self.number == CLOSE

    def proposal(self, line: GridLine) -> Proposal | None:
        """Return the forecast that the line's method proposes; None where it has no method."""
        return self.proposals.get(line.line.pk)


def figure(pence: int | None) -> str:
    """Format an amount in a cell of the grid: `-1,234.50`; a dash where none is given."""
    return "–" if pence is None else plain_pounds(pence).replace("£", "")


def signed(pence: int | None) -> str:
    """Format a variance in the grid: a plus is adverse."""
    return f"+{figure(pence)}" if pence is not None and pence > 0 else figure(pence)


def node_grid(period: Period, area: Area, choice: GridChoice, *, with_exempt: bool) -> Grid:
    """Return a page of an area's lines as the reader chose them."""
    chosen = choose_lines(period, area, choice, with_exempt=with_exempt)
    count = len(chosen.lines)
    pages = max(1, -(-count // LINES_A_PAGE))
    page = min(max(1, choice.page), pages)
    lines = grid_lines(period, chosen.lines[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE])
    section_of = {line.line.pk: area.sections[chosen.places[line.line.pk]] for line in lines}
    purposes = {
        measure: planned_use_purposes(measure, period.year) for measure in PLANNED_USE_LABELS
    }
    proposed = proposals(period, [line.line.pk for line in lines])
    has = _columns_with_figures(lines, proposed)
    offered = tuple(
        name for name in COLUMNS if name not in TIES or purposes[TIES[name]] or name in has
    )
    return Grid(
        area=area,
        groups=_group_lines(lines, section_of, is_sorted=bool(choice.sort)),
        section_of=section_of,
        columns=tuple(name for name in offered if choice.has_column(name, by_default=name in has)),
        offered=offered,
        purposes=purposes,
        proposals=proposed,
        count=count,
        hidden_exempt=chosen.hidden_exempt,
        page=page,
        pages=pages,
        number=period.number,
    )


def _columns_with_figures(
    lines: list[GridLine], proposed: Mapping[int, Proposal]
) -> Collection[str]:
    """Return the columns that are shown unless the reader chose others."""
    sometimes = {
        "commitments": any(line.commitments is not None for line in lines),
        "proposal": bool(proposed),
        "run_rate": any(line.run_rate is not None for line in lines),
        **{tied: any(line.tied_to(measure) for line in lines) for tied, measure in TIES.items()},
    }
    return {name for name in COLUMNS if sometimes.get(name, True)}


def _group_lines(
    lines: list[GridLine], section_of: Mapping[int, Section], *, is_sorted: bool
) -> list[LineGroup]:
    if is_sorted:
        return [LineGroup(None, lines)] if lines else []
    groups: list[LineGroup] = []
    for line in lines:
        section = section_of[line.line.pk]
        if not groups or groups[-1].section is not section:
            groups.append(LineGroup(section, []))
        groups[-1].lines.append(line)
    return groups


def source_text(line: GridLine) -> str:
    """Describe where the current forecast comes from, in a few words."""
    if line.source == "typed":
        return f"typed by {line.entry.by_name}" if line.entry and line.entry.by_name else "typed"
    if line.carried_from is not None:
        return f"carried forward from {period_name(line.carried_from).lower()}"
    return {"file": "from the ledger’s file", "none": "no forecast yet"}[line.source]


def planned_source_text(line: GridLine, measure: str) -> str:
    """Describe where the current planned use comes from; "" where it is nil by default."""
    kind = line.planned_source(measure)
    if kind == "typed":
        name = line.planned_entries[measure].by_name
        return f"typed by {name}" if name else "typed"
    if kind == "carried" and line.planned_carried_from is not None:
        return f"carried forward from {period_name(line.planned_carried_from).lower()}"
    return "from the ledger’s file" if kind == "file" else ""
