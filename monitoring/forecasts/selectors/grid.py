"""The forecast grid of a service: its lines as a page and a workbook show them."""

from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, period_name
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.run_rate import run_rate
from monitoring.forecasts.selectors.lines import GridLine, grid_lines, line_positions, services_at
from monitoring.ledger.spending_without_budget import UNBUDGETED, unbudgeted
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.tree import current_tree

LINES_A_PAGE = 2500
"""So many lines are entered on one page; a browser still answers at once."""


@dataclass(frozen=True)
class GridRow:
    """A line in figures as printed, with the pence that the page adds up, as text.

    `pk` is the line's id; `why` the reason that was given for the typed forecast. Where a person's
    figures were `sent` and not saved, `typed` and `typed_reason` are those, and `fault` and `clash`
    say why.
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
    came: str
    why: str
    sent: bool = False
    typed: str = ""
    typed_reason: str = ""
    fault: str = ""
    clash: str = ""

    @property
    def shown(self) -> dict[str, object]:
        """The row for a template, which finds names in a dictionary sooner than in an object."""
        own = {"seen": self.seen, "value": self.value, "error": self.error}
        return vars(self) | own

    @property
    def seen(self) -> str:
        """The forecast that holds, in pence, as the form sends it back."""
        return _pence(self.line.forecast)

    @property
    def value(self) -> str:
        """What stands in the cell."""
        return self.typed if self.sent else self.forecast

    @property
    def error(self) -> str:
        """Why it was not saved."""
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


def _pence(pence: int | None) -> str:
    return "" if pence is None else str(pence)


def figure(pence: int | None) -> str:
    """An amount in a cell of the grid: `-1,234.50`; a dash where none is given."""
    return "–" if pence is None else plain_pounds(pence).replace("£", "")


def signed(pence: int | None) -> str:
    """A variance in the grid: a plus is adverse."""
    return f"+{figure(pence)}" if pence is not None and pence > 0 else figure(pence)


def service_grid(
    period: Period, service: Service, *, with_exempt: bool, text: str = "", page: int = 1
) -> Grid | None:
    """A page of the lines that stand at a service today; None where it has none of its own."""
    totals = NodeFigure.objects.filter(period=period, key=service.code, kind="service").first()
    tree = current_tree(period.year)
    if totals is None or service.pk not in tree.open_ids or service.pk in tree.parents:
        return None
    at_service = services_at(tree, service.pk)
    positions = line_positions(period, at_service, text)
    hidden = 0
    if not with_exempt:
        # All of them, whatever is searched for: the number would tell what they are called.
        hidden = line_positions(period, at_service).filter(line__exempt=True).count()
        positions = positions.filter(line__exempt=False)
    count = positions.count()
    pages = max(1, -(-count // LINES_A_PAGE))
    page = min(max(1, page), pages)
    chosen = list(positions[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE])
    rows = [_row(line, period) for line in grid_lines(period, chosen)]
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


def _row(line: GridLine, period: Period) -> GridRow:
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
        budget_pence=_pence(line.budget),
        planned_pence=_pence(line.planned_use),
        previous_pence=_pence(line.previous_variance),
        budget=figure(line.budget),
        actual=figure(line.actual),
        run_rate=figure(suggestion[0]) if suggestion else "",
        last_forecast=figure(line.last_forecast),
        forecast="" if line.forecast is None else figure(line.forecast),
        variance=signed(line.variance),
        movement=signed(line.movement),
        source=source_text(line),
        came=line.source,
        why=line.entry.reason if line.entry else "",
    )


def source_text(line: GridLine) -> str:
    """Where the forecast that holds comes from, in a few words."""
    if line.source == "typed":
        return f"typed by {line.entry.by.name}" if line.entry.by else "typed"
    if line.source == "carried":
        return f"carried forward from {period_name(line.carried_from).lower()}"
    return {"file": "from the ledger’s file", "none": "no forecast yet"}[line.source]


def grid_workbook_rows(period: Period, service: Service, *, with_exempt: bool) -> list[tuple]:
    """Every line of a service under GRID_COLUMNS: texts, and amounts in pence or None.

    It comes back as a file of forecasts. A forecast that is carried forward stays blank: uploaded
    again, the file changes nothing. The previous report's stands in last_forecast. The columns
    downloaded_… repeat what people enter here as it stood: what was not edited is not brought in.
    """
    tree = current_tree(period.year)
    positions = line_positions(period, services_at(tree, service.pk))
    if not with_exempt:
        positions = positions.filter(line__exempt=False)
    rows = []
    chosen = list(positions)
    codes = {pk: known.code for pk, known in tree.register.items()}
    for position, line in zip(chosen, grid_lines(period, chosen), strict=True):
        entered = (
            None if line.source == "carried" else line.forecast,
            position.planned_use_of_reserves_pence,
            position.planned_use_of_capital_receipts_pence,
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
