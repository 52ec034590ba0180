"""The programme of a report in brief: its finding, key figures, charts and totals by service."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from capital.borrowing import cost_sentence
from capital.calculations import SchemeFigures, add_uses, difference
from capital.charts import funding_by_kind, original_to_forecast
from capital.programme_section import ProgrammeSection
from capital.programme_totals import GroupTotals, ProgrammeTotals
from capital.report_rows import CapitalSection
from capital.report_section import section_of
from capital.rules import CHANGE_LABELS, FUNDING_LABELS
from capital.statements.programme import NAME as PROGRAMME
from capital.statements.variations import uses_of
from council_finance.charts import Chart
from council_finance.key_figures import KeyFigure
from council_finance.periods import CLOSE
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData

WHOLE_COUNCIL = "Whole council"


@dataclass(frozen=True)
class ProgrammeOverview:
    """The capital programme of a report, or the part of it under one row of the tree."""

    facts: ReportData
    key: str = ""

    @cached_property
    def section(self) -> ProgrammeSection:
        """The capital section of the report."""
        return section_of(self.facts)

    @cached_property
    def display(self) -> Display:
        """The display of the programme's statement."""
        return self.facts.display(PROGRAMME)

    @property
    def at_close(self) -> bool:
        """Return whether the year has ended."""
        return self.facts.period.number == CLOSE

    @cached_property
    def totals(self) -> ProgrammeTotals:
        """The totals of the programme, or of its part."""
        whole = self.section.totals
        if not self.key or self.key == self.facts.top.key:
            return whole
        return whole.limit_to(self.facts.keys_under(self.key))

    @property
    def total(self) -> SchemeFigures:
        """The figures of the whole programme, variations budgets included."""
        return self.totals.figures

    @property
    def schemes(self) -> SchemeFigures:
        """The figures of the schemes alone, without variations budgets."""
        return self.totals.figures_of_schemes


def summary_sentence(overview: ProgrammeOverview) -> str:
    """Return what the programme is forecast to spend against its revised budget."""
    total, words = overview.total, overview.display.in_words
    if total.forecast is None or total.budget is None or total.variance is None:
        return _unreported_sentence(overview)
    spends = "spent" if overview.at_close else "is forecast to spend"
    against = f"of a revised budget of {words(total.budget)}"
    return (
        f"The capital programme {spends} {words(total.forecast)} {against}"
        f"{_more_or_less(total.variance, overview.display)}."
    )


def _unreported_sentence(overview: ProgrammeOverview) -> str:
    words, total = overview.display.in_words, overview.total
    if total.original is None:
        return "There are no figures of the capital programme in this period."
    return (
        f"The original budget of the capital programme is {words(total.original)}; there is no "
        "forecast in this period."
    )


def _more_or_less(variance: int, display: Display) -> str:
    if not variance:
        return ", as budgeted"
    side = "more" if variance > 0 else "less"
    return f", {display.in_words(abs(variance))} {side}"


def reasons_sentence(overview: ProgrammeOverview) -> str:
    """Return what of the schemes' variance is slippage and cost, and what nobody has explained.

    "" where the schemes have no variance to explain.
    """
    schemes, words = overview.schemes, overview.display.in_words
    if schemes.variance is None or schemes.unexplained is None:
        return ""
    parts = list(_reason_parts(schemes, overview.display))
    if not parts:
        return ""
    side = "above" if schemes.variance > 0 else "below"
    start = f"The schemes are {words(abs(schemes.variance))} {side} their budgets"
    if not schemes.variance:
        start = "The schemes are at their budgets together"
    return f"{start}: {_join_words(parts)}."


def _reason_parts(schemes: SchemeFigures, display: Display) -> Iterator[str]:
    words = display.in_words
    if schemes.rephasing < 0:
        yield f"{words(-schemes.rephasing)} slips into other years"
    elif schemes.rephasing > 0:
        yield f"{words(schemes.rephasing)} is brought forward"
    if schemes.cost:
        more = "more" if schemes.cost > 0 else "less"
        yield f"they cost {words(abs(schemes.cost))} {more}"
    if schemes.unexplained:
        way = "more" if schemes.unexplained > 0 else "less"
        yield f"nobody has explained {words(abs(schemes.unexplained))} {way}"


def _join_words(parts: list[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def key_figures(overview: ProgrammeOverview) -> list[KeyFigure]:
    """Return budget, forecast, variance of this year, and the variance of whole schemes."""
    total, words = overview.total, overview.display.in_words
    found = []
    if total.budget is not None:
        note = "" if total.original is None else f"original budget {words(total.original)}"
        found.append(KeyFigure("Revised budget, this year", words(total.budget), note=note))
    if total.forecast is not None:
        label = "Outturn, this year" if overview.at_close else "Forecast, this year"
        found.append(
            KeyFigure(label, words(total.forecast), note=_spent_note(overview)),
        )
    for label, variance in (
        ("Variance, this year", total.variance),
        ("Variance, whole schemes", total.total_variance),
    ):
        if variance is not None:
            sense = overview.display.sense(variance)
            word = {"adverse": "over", "favourable": "under"}.get(sense, "")
            found.append(KeyFigure(label, words(abs(variance)), sense=sense, word=word))
    return [*found, *_variations_figure(overview)]


def _spent_note(overview: ProgrammeOverview) -> str:
    actual = overview.total.actual
    if actual is None or overview.at_close:
        return ""
    return f"spent so far {overview.display.in_words(actual)}"


def _variations_figure(overview: ProgrammeOverview) -> Iterator[KeyFigure]:
    if overview.key:
        return
    uses = uses_of(overview.facts)
    budget, _, used, _ = add_uses(uses)
    if uses and budget and used is not None:
        display = overview.display
        note = f"{display.in_words(used)} of {display.in_words(-budget)}"
        yield KeyFigure("Variations budget used", display.percent(used, budget), note=note)


@dataclass(frozen=True)
class ServiceRow:
    """The schemes of a service, now and in the previous report; amounts as printed.

    The previous figures are those of the schemes that belong to the service today.
    """

    key: str
    label: str
    budget: str
    forecast: str
    variance: str
    sense: str
    before: str
    movement: str
    movement_sense: str


def service_rows(overview: ProgrammeOverview) -> list[ServiceRow]:
    """Return a row for each directorate that has schemes, in tree order, and the total.

    A directorate is the nearest service above a scheme that has a total in reports.
    """
    facts = overview.facts
    by_key = {node.key: node for node in facts.nodes}
    groups: dict[str, list[GroupTotals]] = {}
    for group in overview.totals.groups:
        groups.setdefault(_find_directorate(group.home, by_key, facts.top.key), []).append(group)
    keys = [*(key for key in by_key if key in groups), *([""] if "" in groups else [])]
    rows = [
        _build_service(key, by_key[key].label if key else WHOLE_COUNCIL, groups[key], overview)
        for key in keys
    ]
    return [*rows, _build_service("", "Total", overview.totals.groups, overview)]


def _find_directorate(home: str, by_key: Mapping[str, ReportRow], top: str) -> str:
    """Return the key of the directorate of a service; "" for the whole council."""
    last = ""
    while home in by_key and home != top:
        last = home
        if by_key[home].total_label:
            return home
        home = by_key[home].parent_key
    return last


def _build_service(
    key: str, label: str, groups: Iterable[GroupTotals], overview: ProgrammeOverview
) -> ServiceRow:
    display, part = overview.display, ProgrammeTotals(tuple(groups), ())
    now, before = part.figures, part.previous_variance
    movement = difference(now.variance, before)
    return ServiceRow(
        key=key,
        label=label,
        budget=_print_amount(now.budget, display),
        forecast=_print_amount(now.forecast, display),
        variance=_print_amount(now.variance, display),
        sense=display.sense(now.variance),
        before=_print_amount(before, display),
        movement=_print_amount(movement, display),
        movement_sense=display.sense(movement),
    )


def _print_amount(pence: int | None, display: Display) -> str:
    return "–" if pence is None else display.amount(pence)


def programme_charts(overview: ProgrammeOverview) -> dict[str, Chart | None]:
    """Return the way from the original budget to the forecast, and who pays for the change."""
    display = overview.display
    return {
        "way": original_to_forecast(
            overview.totals.way,
            overview.schemes,
            overview.totals.figures_of_variations,
            display,
            CHANGE_LABELS,
            at_close=overview.at_close,
        ),
        "kinds": funding_by_kind(_changes_by_kind(overview.section), display),
    }


def _changes_by_kind(section: CapitalSection) -> list[tuple[str, int]]:
    """Return the change of each kind of funding since the revised budget, in pence."""
    changes: dict[str, int] = {}
    for row in section.funding:
        changes[row.kind] = changes.get(row.kind, 0) + (difference(row.forecast, row.budget) or 0)
    return [(label, changes[kind]) for kind, label in FUNDING_LABELS.items() if kind in changes]


def cost_to_revenue(overview: ProgrammeOverview) -> str:
    """Return what this year's borrowing costs revenue; "" where it is not known."""
    return cost_sentence(overview.facts)
