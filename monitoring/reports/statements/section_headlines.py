"""Section headlines: what each section of a report's commentary begins with (Somerset)."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "section-headlines"
TITLE = "Section headlines"
_SUMMED = ("budget", "net_variance", "movement")


@registry.statement(NAME, title=TITLE, after="budgetary-control")
def section_headlines(facts: ReportData) -> Statement:
    """A row a section, and a row a service in a section of several."""
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
            rows=tuple(_rows(facts, display)),
            row_heading="Section",
            uncast=("movement_as_published",),
        )
    )


def _rows(facts: ReportData, display: Display) -> Iterator[Row]:
    sections: dict[str, list[dict]] = {}
    for node in facts.leaves:
        name = f"section:{node['section']}" if node["section"] else node["key"]
        sections.setdefault(name, []).append(node)
    for key, members in sections.items():
        if len(members) == 1:
            yield _service_row(members[0], facts, display, level=0)
            continue
        sums = _section_figures(facts, members)
        parts = tuple(node["key"] for node in members)
        cells = _cells(sums, facts, display)
        yield Row(key, members[0]["section"], "subtotal", cells, sum_of=parts)
        for node in members:
            yield _service_row(node, facts, display, level=1)


def _service_row(node: dict, facts: ReportData, display: Display, *, level: int) -> Row:
    kind = "line" if node["kind"] == "closed" else "service"
    label = node["section"] if level == 0 and node["section"] else node["label"]
    return Row(node["key"], label, kind, _cells(node, facts, display), level)


def _section_figures(facts: ReportData, members: list[dict]) -> dict[str, int | None]:
    """A section of today; its movement as published is against what the section published."""
    sums = {name: _sum(node[name] for node in members) for name in _SUMMED}
    published = facts.previous_sections.get(members[0]["section"])
    if published is None:
        published = _sum(node["previous_as_published"] for node in members)
    known = published is not None and sums["net_variance"] is not None
    return sums | {"movement_as_published": sums["net_variance"] - published if known else None}


def _sum(values) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None


def _cells(figures: dict, facts: ReportData, display: Display) -> dict[str, Cell]:
    first = facts.compared_with is None
    movements = {
        key: BLANK if first else Cell.of_amount(figures[key], display)
        for key in ("movement", "movement_as_published")
    }
    return {
        "budget": Cell.of_amount(figures["budget"], display),
        "net_variance": Cell.of_amount(figures["net_variance"], display),
        **movements,
        "words": Cell(in_words(figures, display)),
    }


def in_words(figures: dict, display: Display) -> str:
    """`Overspend of £0.497m, £0.477m better than the last report as published.`"""
    variance, movement = figures["net_variance"], figures["movement_as_published"]
    if variance is None:
        return "No forecast has been given."
    text = _position(variance, display)
    if movement is None:
        return f"{text}."
    if display.rounded_pence(movement) == 0:
        return f"{text}, unchanged since the last report as published."
    sense = "worse" if movement > 0 else "better"
    return f"{text}, {display.in_words(abs(movement))} {sense} than the last report as published."


def _position(variance: int, display: Display) -> str:
    if display.rounded_pence(variance) == 0:
        return "On budget"
    sense = "Overspend" if variance > 0 else "Underspend"
    return f"{sense} of {display.in_words(abs(variance))}"
