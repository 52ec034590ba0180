"""Two reports side by side: of one year or of two, one of which may be history from before."""

from dataclasses import dataclass

from council_finance.periods import financial_year_label, financial_year_slug, period_name
from council_finance.statements import Display
from monitoring.published.models import HistoricFigure, Report, ReportFigure
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.trees import CLOSED_ENDING


@dataclass(frozen=True)
class Choice:
    """A report that can be compared: its address part (`2019-20/3`) and name."""

    value: str
    name: str
    start: int
    number: int
    report: int | None


@dataclass(frozen=True)
class ComparedRow:
    """A service in both reports, as printed; `sense` is that of the variance's change."""

    label: str
    code: str
    cells: tuple[str, ...]
    sense: str


@dataclass(frozen=True)
class Comparison:
    """Two reports by service; `unit` is that of the print."""

    rows: list[ComparedRow]
    unit: str
    sentence: str


def choices() -> list[Choice]:
    """Every published period, the latest first, by its latest version; then history."""
    reports = Report.objects.order_by("version").values_list(
        "period__year__start", "period__number", "pk"
    )
    found = {(start, number): pk for start, number, pk in reports}
    history = HistoricFigure.objects.order_by().values_list("start", "number").distinct()
    for place in history:
        found.setdefault(place, None)
    return [
        Choice(
            f"{financial_year_slug(start)}/{number}",
            f"{period_name(number)} of {financial_year_label(start)}",
            start,
            number,
            found[start, number],
        )
        for start, number in sorted(found, reverse=True)
    ]


def compare(before: Choice, after: Choice) -> Comparison:
    """Budgets and net variances of both, matched by the services' codes, as each published them."""
    earlier, later = _figures(before), _figures(after)
    # The print of the later of the two years that is here, else of the latest: history has none.
    both = (before.start, after.start)
    years = sorted(FinancialYear.objects.all(), key=lambda year: (year.start in both, year.start))
    display = read_settings(years[-1].settings).display_for("annex-a") if years else Display()
    rows = [
        _row(display, key, label, earlier.get(key), later.get(key))
        for key, label in _labels(earlier, later).items()
    ]
    return Comparison(rows, display.unit_label, _sentence(display, before, after, earlier, later))


def _figures(choice: Choice) -> dict[str, tuple[str, int | None, int | None]]:
    """Label, budget and net variance by code, in the order of the report."""
    if choice.report is None:
        rows = HistoricFigure.objects.filter(start=choice.start, number=choice.number)
        return {
            row.service_code: (row.service_code, row.budget_pence, row.net_variance_pence)
            for row in rows
        }
    rows = ReportFigure.objects.filter(report=choice.report).order_by("place")
    return {row.key: (row.label, row.budget_pence, row.net_variance_pence) for row in rows}


def _labels(earlier: dict, later: dict) -> dict[str, str]:
    """Services in the order of the later report, then those that only the earlier one has."""
    labels = {key: row[0] for key, row in later.items()}
    return labels | {
        key: f"{row[0]} (in the earlier one only)"
        for key, row in earlier.items()
        if key not in later
    }


def _row(display: Display, key: str, label: str, then: tuple | None, now: tuple | None):
    budgets = [row[1] if row else None for row in (then, now)]
    variances = [row[2] if row else None for row in (then, now)]
    change = _change(*variances)
    pence = (*budgets, _change(*budgets), *variances, change)
    cells = tuple("\N{EN DASH}" if each is None else display.amount(each) for each in pence)
    return ComparedRow(label, key.removesuffix(CLOSED_ENDING), cells, display.sense(change))


def _change(then: int | None, now: int | None) -> int | None:
    return None if then is None or now is None else now - then


def _sentence(display: Display, before: Choice, after: Choice, earlier: dict, later: dict) -> str:
    """How the council's variance compares; nothing where a report does not say which row that is.

    A report's first row is the council's; history has its rows in no such order.
    """
    reported = [rows for choice, rows in ((after, later), (before, earlier)) if choice.report]
    top = next(iter(reported[0]), "") if reported else ""
    change = _change(*(rows[top][2] if top in rows else None for rows in (earlier, later)))
    if change is None:
        return ""
    now, then = _lower(after.name), _lower(before.name)
    if not display.sense(change):
        return f"The forecast variance is the same in {now} as in {then}."
    way = "worse" if change > 0 else "better"
    return (
        f"The forecast variance is {display.in_words(abs(change))} {way} in {now} than in {then}."
    )


def _lower(name: str) -> str:
    return f"the {name.lower()}" if name.startswith("Close") else name[:1].lower() + name[1:]
