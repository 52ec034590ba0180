"""Commentary that is due from one person: each text with its figures, last text and drivers.

The number of queries does not depend on the number of services.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.registry import CommentaryDriver
from monitoring.commentary.drafts import DraftFigures, LineVariance, draft_text
from monitoring.commentary.models import Commentary
from monitoring.commentary.selectors import (
    CommentaryRow,
    Figure,
    LineFigure,
    commentary_rows,
    largest_lines,
    node_figures,
    text_version,
    texts_of,
    with_history,
)
from monitoring.people.rights import may_see_exempt_lines
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.largest_lines import find_largest_lines
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear, Service

LINES_SHOWN = 3


@dataclass(frozen=True)
class DueText:
    """A service or group whose text is due, with all that its writer or director needs.

    `explains` names the services that a group's text explains. `seen` is the version of the stored
    text (`text_version`), `previous` the text of the previous report, "" without one, and `draft` a
    first draft from the figures.
    """

    row: CommentaryRow
    service: Service
    explains: tuple[str, ...]
    figures: list[Figure]
    kept: Commentary | None
    previous: str
    lines: list[LineFigure]
    drivers: list[CommentaryDriver]
    draft: str

    @property
    def seen(self) -> str:
        """Return the version of the stored text, as forms send it back."""
        return text_version(self.kept)

    @property
    def text(self) -> str:
        """Return the stored text; "" without one."""
        return self.kept.text if self.kept else ""

    @property
    def anchor(self) -> str:
        """Return the id of its place on the page."""
        return f"text-{self.service.pk}"


def texts_due(
    facts: ReportData, within: Container[int], user: User, also: Container[int] = ()
) -> list[DueText]:
    """Return the texts due in a draft on services of `within` (ids), in the report's order.

    A service that its group's text explains is listed with its group. `also` names services that
    are listed even where no text is due.
    """
    rows = {row.node.key: row for row in commentary_rows(facts)}
    explained: dict[str, list[str]] = {}
    for row in rows.values():
        if row.due and row.node.service in within:
            owner = row.group or row.node
            explained.setdefault(owner.key, []).append(row.node.label)
    wanted = [
        row
        for key, row in rows.items()
        if row.node.service in within and (key in explained or row.node.service in also)
    ]
    return _build_texts(facts, wanted, explained, user)


def texts_to_sign(facts: ReportData, within: Container[int], user: User) -> list[DueText]:
    """Return the stored texts on services of `within` that no director has signed off."""
    rows = commentary_rows(facts, within)
    explained: dict[str, list[str]] = {}
    for row in rows:
        if row.group is not None:
            explained.setdefault(row.group.key, []).append(row.node.label)
    unsigned = [row for row in rows if row.text and not row.signed_by]
    return _build_texts(facts, unsigned, explained, user)


def count_unsigned(facts: ReportData, within: Container[int]) -> int:
    """Return the number of stored texts on services of `within` that nobody has signed off."""
    return sum(bool(row.text) and not row.signed_by for row in commentary_rows(facts, within))


def waiting_texts(texts: Collection[DueText]) -> list[DueText]:
    """Return the texts that nobody has written."""
    return [each for each in texts if each.row.waits_for_text]


def find_services(year: FinancialYear, ids: Collection[int]) -> dict[int, Service]:
    """Return the services of a year with these ids, by id."""
    return Service.objects.select_related("year").filter(year=year).in_bulk(list(ids))


def _build_texts(
    facts: ReportData, rows: list[CommentaryRow], explained: dict[str, list[str]], user: User
) -> list[DueText]:
    nodes = [row.node for row in rows]
    services = Service.objects.select_related("year").in_bulk([node.service for node in nodes])
    kept = texts_of(facts.period, services)
    report = facts.period.compared_with
    previous = frozen_of(report)["commentary"] if report else {}
    exempt = may_see_exempt_lines(user)
    lines = largest_lines(facts, nodes, with_exempt=exempt, count=LINES_SHOWN)
    drivers = registry.commentary_drivers(facts, nodes, user)
    drafts = draft_texts(facts, nodes, drivers)
    return [
        DueText(
            row=row,
            service=services[row.node.service],
            explains=tuple(explained.get(row.node.key, ())) if row.node.is_group else (),
            figures=node_figures(facts, row.node),
            kept=kept.get(row.node.service),
            previous=previous.get(row.node.key, ""),
            lines=lines[row.node.key],
            drivers=drivers.get(row.node.key, []),
            draft=drafts[row.node.key],
        )
        for row in with_history(facts, rows)
    ]


def draft_texts(
    facts: ReportData,
    nodes: Sequence[ReportRow],
    drivers: Mapping[str, Sequence[CommentaryDriver]],
) -> dict[str, str]:
    """Return a first draft of the text on each row, by key; no draft names an exempt line."""
    display = facts.display("annex-a")
    lines = find_largest_lines(facts, nodes, with_exempt=False, count=LINES_SHOWN)
    return {
        node.key: draft_text(
            DraftFigures(
                label=node.label,
                period=facts.period.number,
                budget=node.budget,
                net_variance=node.net_variance,
                movement=node.movement,
                published=node.previous_as_published,
                restated=node.previous_net_variance,
                lines=[
                    LineVariance(line.description or line.name, line.net_variance)
                    for line in lines[node.key]
                ],
                facts=[text for driver in drivers.get(node.key, ()) for text in driver.texts],
            ),
            display,
        )
        for node in nodes
    }
