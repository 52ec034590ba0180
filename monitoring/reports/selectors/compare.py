"""Two reports side by side, of one year or of two; either may be history."""

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
    """Return every published period by its latest version, and history; the latest first."""
    reports = Report.objects.order_by("version").values_list(
        "period__year__start", "period__number", "pk"
    )
    found: dict[tuple[int, int], int | None] = {}
    for start, number, pk in reports:
        found[start, number] = pk
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
    """Return budgets and net variances of two reports as published, matched by service code."""
    earlier, later = _read_figures(before), _read_figures(after)
    # History has no settings: use those of the later of the two years, else of the latest year.
    both = (before.start, after.start)
    years = sorted(FinancialYear.objects.all(), key=lambda year: (year.start in both, year.start))
    display = read_settings(years[-1].settings).display_for("annex-a") if years else Display()
    rows = [
        _compare_row(display, key, label, earlier.get(key), later.get(key))
        for key, label in _labels_of_both(earlier, later).items()
    ]
    return Comparison(
        rows, display.unit_label, _comparison_sentence(display, before, after, earlier, later)
    )


@dataclass(frozen=True)
class PublishedFigures:
    """Budget and net variance of a service as a report published them, in pence."""

    label: str
    budget: int | None
    net_variance: int | None


FiguresByKey = dict[str, PublishedFigures]


def _read_figures(choice: Choice) -> FiguresByKey:
    """Return the figures of each service by its key, in the order of the report."""
    if choice.report is None:
        history = HistoricFigure.objects.filter(start=choice.start, number=choice.number)
        return {
            row.service_code: PublishedFigures(
                row.service_code, row.budget_pence, row.net_variance_pence
            )
            for row in history
        }
    rows = ReportFigure.objects.filter(report=choice.report).order_by("place")
    return {
        row.key: PublishedFigures(row.label, row.budget_pence, row.net_variance_pence)
        for row in rows
    }


def _labels_of_both(earlier: FiguresByKey, later: FiguresByKey) -> dict[str, str]:
    """Return services in the order of the later report, then those of the earlier one alone."""
    labels = {key: row.label for key, row in later.items()}
    return labels | {
        key: f"{row.label} (in the earlier one only)"
        for key, row in earlier.items()
        if key not in later
    }


def _compare_row(
    display: Display,
    key: str,
    label: str,
    then: PublishedFigures | None,
    now: PublishedFigures | None,
) -> ComparedRow:
    budgets = [row.budget if row else None for row in (then, now)]
    variances = [row.net_variance if row else None for row in (then, now)]
    change = _difference_of(*variances)
    pence = (*budgets, _difference_of(*budgets), *variances, change)
    cells = tuple("\N{EN DASH}" if each is None else display.amount(each) for each in pence)
    return ComparedRow(label, key.removesuffix(CLOSED_ENDING), cells, display.sense(change))


def _difference_of(then: int | None, now: int | None) -> int | None:
    return None if then is None or now is None else now - then


def _comparison_sentence(
    display: Display, before: Choice, after: Choice, earlier: FiguresByKey, later: FiguresByKey
) -> str:
    """Return a sentence that compares the council's variances; empty where its row is not known.

    The first row of a report is the council's; rows of history have no such order.
    """
    reported = [rows for choice, rows in ((after, later), (before, earlier)) if choice.report]
    top = next(iter(reported[0]), "") if reported else ""
    change = _difference_of(
        *(rows[top].net_variance if top in rows else None for rows in (earlier, later))
    )
    if change is None:
        return ""
    now, then = _name_in_sentence(after.name), _name_in_sentence(before.name)
    if not display.sense(change):
        return f"The forecast variance is the same in {now} as in {then}."
    way = "worse" if change > 0 else "better"
    return (
        f"The forecast variance is {display.in_words(abs(change))} {way} in {now} than in {then}."
    )


def _name_in_sentence(name: str) -> str:
    return f"the {name.lower()}" if name.startswith("Close") else name[:1].lower() + name[1:]
