"""Preview a change of the structure: what it would restate, before anything is stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from council_finance.statements import Display
from council_finance.statements.display import NOT_GIVEN
from monitoring.figures.calculations import Figures, Previous, compute_figures
from monitoring.figures.selectors.inputs import Inputs, figures_inputs
from monitoring.published.models import Report
from monitoring.restructuring.changes import Register, Rows, differences
from monitoring.restructuring.selectors.structure import (
    LineMove,
    line_counts,
    open_line_counts,
    register_of,
)
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import BudgetLine, FinancialYear, Period, PeriodState
from monitoring.structure.selectors.tree import lines_in_open_periods
from monitoring.structure.trees import Node, ServiceRow

_COMPARED = ("budget", "net_variance", "previous_net_variance")
_SHOWN = (*_COMPARED, "previous_as_published")

ShownFigures = Mapping[str, int | None]
"""The figures of a row by the names of `_SHOWN`, in pence."""


def next_with_figures(year: FinancialYear) -> Period | None:
    """Return the open period to be published next: the first with figures after published ones.

    Where only earlier periods, which have been reopened, have figures, return the first of those.
    """
    last = Report.objects.filter(period__year=year).order_by("-period__number").first()
    after = last.period.number if last else -1
    open_periods = year.periods.filter(state=PeriodState.OPEN, batch__isnull=False)
    ordered = sorted(open_periods, key=lambda period: (period.number <= after, period.number))
    return ordered[0] if ordered else None


@dataclass(frozen=True)
class EffectRow:
    """A row of the next report before and after a change, in pence; None: no figure.

    `change` is "appears", "vanishes", "changes", "becomes a total" (or heading, or service), or
    "". `published` is the net variance that the previous report published.
    """

    key: str
    label: str
    kind: str
    level: int
    change: str
    budget: tuple[int | None, int | None]
    net_variance: tuple[int | None, int | None]
    published: int | None
    restated: tuple[int | None, int | None]

    @property
    def is_total(self) -> bool:
        """True where other services are under it."""
        return self.kind == "node"

    def cells(self, display: Display, *, compared: bool) -> list[str]:
        """Format budgets, then previous variances or, without a previous report, this report's."""
        previous = (self.published, *self.restated)
        figures = (*self.budget, *(previous if compared else self.net_variance))
        return [NOT_GIVEN if pence is None else display.amount(pence) for pence in figures]


@dataclass(frozen=True)
class Effect:
    """The rows that a change restates in the next open period with figures (None: no period).

    `rows` are those whose budget, variance or previous variance changes; `top` is the council's.
    """

    period: Period | None
    previous: Report | None
    rows: list[EffectRow]
    top: EffectRow | None
    display: Display

    @property
    def council_is_unchanged(self) -> bool:
        """True where the council's own figures stay, as they must with every change."""
        return self.top is not None and not self.top.change

    @property
    def printed(self) -> list[tuple[EffectRow, list[str]]]:
        """Return the rows with their figures as the council prints them; the council's own last."""
        compared = self.previous is not None
        shown = [*self.rows, *([self.top] if self.top else [])]
        return [(row, row.cells(self.display, compared=compared)) for row in shown]


@dataclass(frozen=True)
class Preview:
    """A change before it is made, at the year's `revision`: what changes, and its effect."""

    revision: int
    changes: list[tuple[str, str, str]]
    effect: Effect
    warnings: list[str] = field(default_factory=list)


def preview_change(year: FinancialYear, code: str, change: Callable[[Register], Rows]) -> Preview:
    """Return the effect of changing one service; store nothing. Raise `Refused` as the change."""
    year = FinancialYear.objects.get(pk=year.pk)
    before = register_of(year)
    after = before.after(change(before))
    return Preview(
        revision=year.revision,
        changes=differences(before, after, code),
        effect=_calculate_effect(year, after),
        warnings=[*_warn_of_closing(year, after, code), *_warn_of_misplaced(year, before, after)],
    )


def preview_lines(year: FinancialYear, move: LineMove) -> Preview:
    """Return the effect of moving lines to another service; store nothing."""
    year = FinancialYear.objects.get(pk=year.pk)
    before = register_of(year)
    names = {row.id: row for row in before.rows}
    to = names[move.destination]
    return Preview(
        revision=year.revision,
        changes=[
            (_count_lines(len(lines)), _full_name(names[service]), _full_name(to))
            for service, lines in move.lines.items()
        ],
        effect=_calculate_effect(year, _after_lines(year, before, move), move),
    )


def _after_lines(year: FinancialYear, before: Register, move: LineMove) -> Register:
    """Return the register after lines are moved: other services have lines of open periods."""
    sources = list(move.lines)
    moving = set(move.ids)
    found = lines_in_open_periods(year, BudgetLine.objects.filter(service__in=sources))
    left = {service for line, service in found.items() if line not in moving}
    with_lines = (before.with_lines - set(sources)) | left
    if any(line in moving for line in found):
        with_lines |= {move.destination}
    return Register(before.rows, frozenset(with_lines), before.kept)


def _calculate_effect(year: FinancialYear, after: Register, move: LineMove | None = None) -> Effect:
    """Calculate the period's figures twice, now and after the change, and compare them."""
    display = read_settings(year.settings).display_for("annex-a")
    period = next_with_figures(year)
    if period is None:
        return Effect(None, None, [], None, display)
    inputs = figures_inputs(period)
    now = compute_figures(
        inputs.tree, inputs.positions, inputs.previous, inputs.legs, inputs.line_services
    )
    then = _figures_after(inputs, after, move)
    top, *rows = _compare_rows(now, then)
    changed = [row for row in rows if row.change]
    return Effect(period, inputs.previous_report, changed, top, display)


def _figures_after(inputs: Inputs, after: Register, move: LineMove | None) -> Figures:
    positions, previous, services = inputs.positions, inputs.previous, inputs.line_services
    if move is not None:
        positions = _move_lines(positions, move)
        moving = services.index.isin(move.ids)
        services = services.mask(moving, move.destination)
        if previous is not None:
            previous = Previous(_move_lines(previous.lines, move), previous.published)
    return compute_figures(after.tree, positions, previous, inputs.legs, services)


def _move_lines(lines: pd.DataFrame, move: LineMove) -> pd.DataFrame:
    moving = lines["line"].isin(move.ids)
    return lines.assign(service=lines["service"].mask(moving, move.destination))


def _compare_rows(now: Figures, then: Figures) -> list[EffectRow]:
    """Return every row of either: the council's first, and rows that vanish last."""
    before = {node.key: node for node in now.tree.nodes}
    after = {node.key: node for node in then.tree.nodes}
    figures = [frame.nodes[list(_SHOWN)].astype(object) for frame in (now, then)]
    was, will = (frame.where(frame.notna(), None).to_dict("index") for frame in figures)
    vanishing = [key for key in before if key not in after]
    return [
        _build_effect_row(
            after[key] if key in after else before[key],
            change=(before.get(key), after.get(key)),
            figures=(was.get(key), will.get(key)),
        )
        for key in [*after, *vanishing]
    ]


def _build_effect_row(
    node: Node,
    *,
    change: tuple[Node | None, Node | None],
    figures: tuple[ShownFigures | None, ShownFigures | None],
) -> EffectRow:
    """Return the row of a node; `change` and `figures` are before and after (None: no row)."""
    old, new = (each or dict.fromkeys(_SHOWN) for each in figures)
    return EffectRow(
        key=node.key,
        label=_printed_label(node),
        kind=node.kind,
        level=node.level,
        change=_describe_change(*change, differs=any(old[name] != new[name] for name in _COMPARED)),
        budget=(old["budget"], new["budget"]),
        net_variance=(old["net_variance"], new["net_variance"]),
        published=(figures[1] or old)["previous_as_published"],
        restated=(old["previous_net_variance"], new["previous_net_variance"]),
    )


def _describe_change(before: Node | None, after: Node | None, *, differs: bool) -> str:
    if before is None or after is None:
        return "appears" if before is None else "vanishes"
    if _printed_as(before) != _printed_as(after):
        return f"becomes a {_printed_as(after)}"
    return "changes" if differs else ""


def _printed_as(node: Node) -> str:
    if node.kind != "node":
        return "service"
    return "total" if node.service.total_label else "heading"


def _printed_label(node: Node) -> str:
    if node.kind == "closed":
        return f"{node.service.name} (closed)"
    return (node.kind == "node" and node.service.total_label) or node.service.name


def _warn_of_closing(year: FinancialYear, after: Register, code: str) -> list[str]:
    """Return a warning where the service stays open because it has lines."""
    row = after.by_code[code]
    if after.state(row) != "closing":
        return []
    count = open_line_counts(year, [row.id]).get(row.id, 0)
    return [
        f"{_full_name(row)} stays open until {_count_lines(count)} of open periods no longer hang "
        "on it: move them, or leave them out of the ledger’s next file."
    ]


def _warn_of_misplaced(year: FinancialYear, before: Register, after: Register) -> list[str]:
    """Return warnings of lines on services with others under them, which no report may have."""
    counts = line_counts(year)
    waiting: dict[int, int] = {}
    for row in before.rows:
        matters = row.id in after.with_lines or row.id in after.tree.open_ids
        newly = after.tree.is_stray(row.id) and not before.tree.is_stray(row.id)
        if matters and newly and counts.get(row.id):
            home = after.tree.home(row.id)
            waiting[home] = waiting.get(home, 0) + counts[row.id]
    return [
        f"{_count_lines(count)} would stand on {_full_name(after.tree.register[home])}, which has "
        "services under it then. Move them to a service without others before the next report is "
        "published."
        for home, count in waiting.items()
    ]


def _full_name(row: ServiceRow) -> str:
    return f"{row.name} ({row.code})"


def _count_lines(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines:,} lines"
