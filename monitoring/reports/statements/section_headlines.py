"""Section headlines: the figures that open each section of the commentary (Somerset)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "section-headlines"
TITLE = "Section headlines"


@dataclass(frozen=True, slots=True)
class SectionFigures:
    """The figures of a service, or of a section of several, in pence; None where not given."""

    budget: int | None
    net_variance: int | None
    movement: int | None
    movement_as_published: int | None


@registry.statement(NAME, title=TITLE, after="budgetary-control", of_ledger=True)
def section_headlines(facts: ReportData) -> Statement:
    """Build the statement: a row for each section, and for each service of a larger section."""
    display = facts.display(NAME)
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("budget", "Net budget", unit),
                Column("net_variance", "Projected variance adverse / (favourable)", unit),
                Column("movement", "Movement from previous report, restated", unit),
                Column("movement_as_published", "Movement from previous report as published", unit),
                Column("words", "In words"),
            ),
            rows=tuple(_section_rows(facts, display)),
            row_heading="Section",
            uncast=("movement_as_published",),
        )
    )


def _section_rows(facts: ReportData, display: Display) -> Iterator[Row]:
    sections: dict[str, list[ReportRow]] = {}
    for node in facts.leaves:
        name = f"section:{node.section}" if node.section else node.key
        sections.setdefault(name, []).append(node)
    for key, members in sections.items():
        if len(members) == 1:
            yield _service_row(members[0], facts, display, level=0)
            continue
        parts = tuple(node.key for node in members)
        cells = _build_cells(_add_up_section(facts, members), facts, display)
        yield Row(key, members[0].section, "subtotal", cells, sum_of=parts)
        for node in members:
            yield _service_row(node, facts, display, level=1)


def _service_row(node: ReportRow, facts: ReportData, display: Display, *, level: int) -> Row:
    kind = "line" if node.is_closed else "service"
    label = node.section if level == 0 and node.section else node.label
    figures = SectionFigures(
        node.budget, node.net_variance, node.movement, node.movement_as_published
    )
    return Row(node.key, label, kind, _build_cells(figures, facts, display), level)


def _add_up_section(facts: ReportData, members: list[ReportRow]) -> SectionFigures:
    """Return the sums of the services that are in a section now.

    The movement as published is from the figure published for the section of that name.
    """
    net_variance = _sum_given(node.net_variance for node in members)
    published = facts.previous_sections.get(members[0].section)
    if published is None:
        published = _sum_given(node.previous_as_published for node in members)
    movement_as_published = None
    if net_variance is not None and published is not None:
        movement_as_published = net_variance - published
    return SectionFigures(
        budget=_sum_given(node.budget for node in members),
        net_variance=net_variance,
        movement=_sum_given(node.movement for node in members),
        movement_as_published=movement_as_published,
    )


def _sum_given(values: Iterable[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None


def _build_cells(figures: SectionFigures, facts: ReportData, display: Display) -> dict[str, Cell]:
    first = facts.compared_with is None
    movements = {
        "movement": figures.movement,
        "movement_as_published": figures.movement_as_published,
    }
    return {
        "budget": Cell.of_amount(figures.budget, display),
        "net_variance": Cell.of_amount(figures.net_variance, display),
        **{
            key: BLANK if first else Cell.of_amount(pence, display)
            for key, pence in movements.items()
        },
        "words": Cell(in_words(figures, display)),
    }


def in_words(figures: SectionFigures, display: Display) -> str:
    """Return `Overspend of £0.497m, £0.477m better than the last report as published.`"""
    variance, movement = figures.net_variance, figures.movement_as_published
    if variance is None:
        return "No forecast has been given."
    text = _position_text(variance, display)
    if movement is None:
        return f"{text}."
    if display.rounded_pence(movement) == 0:
        return f"{text}, unchanged since the last report as published."
    sense = "worse" if movement > 0 else "better"
    return f"{text}, {display.in_words(abs(movement))} {sense} than the last report as published."


def _position_text(variance: int, display: Display) -> str:
    if display.rounded_pence(variance) == 0:
        return "On budget"
    sense = "Overspend" if variance > 0 else "Underspend"
    return f"{sense} of {display.in_words(abs(variance))}"
