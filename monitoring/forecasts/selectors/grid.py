"""The forecast grid of a service, for its page and for its workbook."""

from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, period_name
from monitoring.figures.models import NodeFigure
from monitoring.forecast_methods.run_rate import run_rate
from monitoring.forecasts.selectors.lines import GridLine, grid_lines, line_positions, services_at
from monitoring.ledger.spending_without_budget import UNBUDGETED, unbudgeted
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.tree import current_tree

LINES_A_PAGE = 2500
"""The number of lines on a page; a browser still responds at once to so many."""


@dataclass(frozen=True)
class GridRow:
    """A line with its figures as printed, and as texts the pence that the page adds up.

    `pk` is the line's id; `last_reason` the reason given for the typed forecast; `source` describes
    where the forecast comes from, and `source_kind` is its style. Where a person's figures were
    `sent` and not saved, `typed` and `typed_reason` are those, and `fault` and `clash` say why.
    """

    line: GridLine
    pk: str
    code: str
    name: str
    exempt: bool
    unbudgeted: bool
    budget_pence: str
    planned_pence: str
    previous_pence: str
    budget: str
    actual: str
    run_rate: str
    last_forecast: str
    forecast: str
    variance: str
    movement: str
    source: str
    source_kind: str
    last_reason: str
    sent: bool = False
    typed: str = ""
    typed_reason: str = ""
    fault: str = ""
    clash: str = ""

    @property
    def shown(self) -> dict[str, object]:
        """Return the row as a dictionary, whose names a template finds faster than an object's."""
        own = {"seen": self.seen, "value": self.value, "error": self.error}
        return vars(self) | own

    @property
    def seen(self) -> str:
        """Return the current forecast in pence, which the form sends back."""
        return _pence_text(self.line.forecast)

    @property
    def value(self) -> str:
        """Return the text of the cell: what was sent, else the current forecast."""
        return self.typed if self.sent else self.forecast

    @property
    def error(self) -> str:
        """Return why the cell was not saved; "" where it was."""
        return f"{self.fault}{self.clash}"


@dataclass(frozen=True)
class Grid:
    """One page of a service's lines; `totals` is the service's row of the read model."""

    rows: list[GridRow]
    totals: NodeFigure
    count: int
    hidden_exempt: int
    page: int
    pages: int
    has_run_rate: bool
    carried: int
    at_close: bool


def _pence_text(pence: int | None) -> str:
    return "" if pence is None else str(pence)


def figure(pence: int | None) -> str:
    """Format an amount in a cell of the grid: `-1,234.50`; a dash where none is given."""
    return "–" if pence is None else plain_pounds(pence).replace("£", "")


def signed(pence: int | None) -> str:
    """Format a variance in the grid: a plus is adverse."""
    return f"+{figure(pence)}" if pence is not None and pence > 0 else figure(pence)


def service_grid(
    period: Period, service: Service, *, with_exempt: bool, text: str = "", page: int = 1
) -> Grid | None:
    """Return a page of a service's lines; None where it has no lines of its own today."""
    totals = NodeFigure.objects.filter(period=period, key=service.code, kind="service").first()
    tree = current_tree(period.year)
    if totals is None or service.pk not in tree.open_ids or service.pk in tree.parents:
        return None
    at_service = services_at(tree, service.pk)
    positions = line_positions(period, at_service, text)
    hidden = 0
    if not with_exempt:
        # Count all of them, whatever is searched for: else the number would reveal their names.
        hidden = line_positions(period, at_service).filter(line__exempt=True).count()
        positions = positions.filter(line__exempt=False)
    count = positions.count()
    pages = max(1, -(-count // LINES_A_PAGE))
    page = min(max(1, page), pages)
    chosen = list(positions[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE])
    rows = [_build_row(line, period) for line in grid_lines(period, chosen)]
    return Grid(
        rows=rows,
        totals=totals,
        count=count,
        hidden_exempt=hidden,
        page=page,
        pages=pages,
        has_run_rate=any(row.run_rate for row in rows),
        carried=totals.lines_carried,
        at_close=period.number == CLOSE,
    )


def _build_row(line: GridLine, period: Period) -> GridRow:
    suggestion = run_rate(
        number=period.number, budget=line.budget, actual=line.actual, profile=line.profile
    )
    known = line.line
    return GridRow(
        line=line,
        pk=str(known.pk),
        code=known.code,
        name=known.description,
        exempt=known.exempt,
        unbudgeted=unbudgeted(line.budget, line.actual, line.forecast),
        budget_pence=_pence_text(line.budget),
        planned_pence=_pence_text(line.planned_use),
        previous_pence=_pence_text(line.previous_variance),
        budget=figure(line.budget),
        actual=figure(line.actual),
        run_rate=figure(suggestion[0]) if suggestion else "",
        last_forecast=figure(line.last_forecast),
        forecast="" if line.forecast is None else figure(line.forecast),
        variance=signed(line.variance),
        movement=signed(line.movement),
        source=source_text(line),
        source_kind=line.source,
        last_reason=line.entry.reason if line.entry else "",
    )


def source_text(line: GridLine) -> str:
    """Describe where the current forecast comes from, in a few words."""
    if line.source == "typed":
        return f"typed by {line.entry.by.name}" if line.entry and line.entry.by else "typed"
    if line.carried_from is not None:
        return f"carried forward from {period_name(line.carried_from).lower()}"
    return {"file": "from the ledger’s file", "none": "no forecast yet"}[line.source]


def grid_workbook_rows(
    period: Period, service: Service, *, with_exempt: bool
) -> list[tuple[str | int | None, ...]]:
    """Return every line of a service under GRID_COLUMNS: texts, and amounts in pence or None.

    The workbook is uploaded again as a file of forecasts. A forecast that is carried forward is
    blank, so that an unedited file changes nothing; last_forecast is the previous report's. The
    columns downloaded_… repeat the figures that people enter, so that cells that were not edited
    are recognised.
    """
    tree = current_tree(period.year)
    positions = line_positions(period, services_at(tree, service.pk))
    if not with_exempt:
        positions = positions.filter(line__exempt=False)
    rows: list[tuple[str | int | None, ...]] = []
    codes = {pk: known.code for pk, known in tree.register.items()}
    for line in grid_lines(period, list(positions)):
        entered = (
            None if line.source == "carried" else line.forecast,
            *line.planned.values(),
        )
        rows.append(
            (
                codes[tree.home(line.line.service_id)],
                line.line.cost_centre,
                line.line.account,
                line.line.description,
                line.original_budget,
                line.budget,
                line.actual,
                line.commitments,
                line.profile,
                *entered,
                "yes" if line.line.exempt else "",
                line.last_forecast,
                *entered,
                _budget_note(line),
            )
        )
    return rows


def _budget_note(line: GridLine) -> str:
    return UNBUDGETED if unbudgeted(line.budget, line.actual, line.forecast) else ""


GRID_COLUMNS = (
    *("service_code", "cost_centre", "account", "description"),
    *("original_budget", "current_budget", "actual_to_date", "commitments"),
    *("profiled_budget_to_date", "forecast"),
    *("planned_use_of_reserves", "planned_use_of_capital_receipts", "exempt", "last_forecast"),
    *("downloaded_forecast", "downloaded_planned_use_of_reserves"),
    *("downloaded_planned_use_of_capital_receipts", "budget_note"),
)
