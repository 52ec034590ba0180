"""Commentary: where it is due, its text and sign-off, and the figures it explains."""

import datetime
import hashlib
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from council_finance.audit import AuditEntry
from council_finance.money import plain_pounds
from council_finance.statements import Display
from council_finance.statuses import Condition
from monitoring.commentary.drafts import is_draft
from monitoring.commentary.models import Commentary
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.largest_lines import LargeLine, find_largest_lines
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.budgetary_control import note_numbers
from monitoring.structure.models import Period, Service
from monitoring.structure.variance_scheme import commentary_is_due

LARGEST_LINES = 10
_COMPARED = {
    "at_least": "at least",
    "above": "more than",
    "at_most": "at most",
    "below": "less than",
}


@dataclass(frozen=True)
class ClearedSignOff:
    """A sign-off that was cleared: who had signed, why and when it was cleared."""

    signer: str
    because: str
    at: datetime.datetime


@dataclass(frozen=True)
class CommentaryRow:
    """A service or group, with its commentary and sign-off.

    `under` is the name of the group above it; `group` the row whose text explains this one, where
    it has no text of its own; `note` the number of the text in the budgetary control report.
    `display` is how its figures print, and `signed_at` a date. `kept` is the stored text with its
    writer, in a draft only.
    """

    node: ReportRow
    under: str
    display: Display
    due: bool
    text: str
    group: ReportRow | None
    note: str
    signed_by: str
    signed_at: datetime.date | None
    kept: Commentary | None = None
    cleared: ClearedSignOff | None = None

    @property
    def net_variance(self) -> str:
        """Return the net variance as printed; "" where there is none."""
        net = self.node.net_variance
        return "" if net is None else self.display.amount(net)

    @property
    def percent(self) -> str:
        """Return the net variance as a percentage of the budget; "" where there is none."""
        net = self.node.net_variance
        return "" if net is None else self.display.percent(net, self.node.budget)

    @property
    def sense(self) -> str:
        """Return whether the net variance is adverse or favourable; "" for neither."""
        return self.display.sense(self.node.net_variance)

    @property
    def explained(self) -> bool:
        """Return whether a text explains the row, its own or its group's; no draft does."""
        return not self.is_draft and (bool(self.text) or self.group is not None)

    @property
    def is_draft(self) -> bool:
        """Return whether its own text is a draft from the figures that nobody has made theirs."""
        return is_draft(self.text)

    @property
    def waits_for_text(self) -> bool:
        """Return whether commentary is due and nobody has written it."""
        return self.due and not self.explained

    @property
    def waits_for_sign_off(self) -> bool:
        """Return whether commentary is due and written, and no director has signed it off."""
        return self.due and self.explained and not self.signed_by


def commentary_record(period: Period, code: str) -> str:
    """Return the audit trail's name of the commentary on a service in a period."""
    return f"commentary {period.year.label} period {period.number} {code}"


def find_commentary(period: Period, service: Service) -> Commentary | None:
    """Return the stored text on a service in a period; None where there is none."""
    texts = Commentary.objects.select_related("written_by", "signed_by", "period__year", "service")
    return texts.filter(period=period, service=service).first()


def texts_of(period: Period, services: Iterable[Service | int]) -> dict[int, Commentary]:
    """Return the stored texts of a period on these services (or their ids), by service id."""
    texts = Commentary.objects.select_related("written_by", "signed_by", "period__year", "service")
    found = texts.filter(period=period, service__in=list(services))
    return {each.service_id: each for each in found}


def text_version(commentary: Commentary | None) -> str:
    """Return a mark that changes with the text, as forms send it back; empty without a text."""
    return version_of(commentary.text) if commentary else ""


def version_of(text: str) -> str:
    """Return the mark of a text as it is stored."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tidy_text(text: str) -> str:
    """Return a text as it is stored: with one kind of line end, and no space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def commentary_rows(facts: ReportData, within: Container[int] | None = None) -> list[CommentaryRow]:
    """Return every service and group that can have commentary, in the order of the tree.

    `within` holds the ids of the services wanted (None: all).
    """
    given = _OfReport(
        rows={node.key: node for node in facts.nodes},
        texts=facts.commentary,
        sign_offs=facts.sign_offs,
        notes=note_numbers(facts),
        display=facts.display("annex-a"),
        conditions=facts.settings.commentary,
    )
    return [
        _build_row(node, given)
        for node in facts.nodes
        if not node.is_closed and (within is None or node.service in within)
    ]


def with_history(facts: ReportData, rows: Iterable[CommentaryRow]) -> list[CommentaryRow]:
    """Return the rows of a draft with their writers, and the sign-offs that were cleared."""
    texts = Commentary.objects.filter(period=facts.period)
    kept = {each.service_id: each for each in texts.select_related("written_by")}
    rows = list(rows)
    unsigned = [row.node.key for row in rows if row.text and not row.signed_by]
    cleared = cleared_sign_offs(facts.period, unsigned)
    return [
        replace(row, kept=kept.get(row.node.service), cleared=cleared.get(row.node.key))
        for row in rows
    ]


def cleared_sign_offs(period: Period, codes: Iterable[str]) -> dict[str, ClearedSignOff]:
    """Return the last sign-off that was cleared, by service code."""
    records = {commentary_record(period, code): code for code in codes}
    entries = AuditEntry.objects.filter(record__in=list(records), action="cleared a sign-off")
    return {
        records[entry.record]: ClearedSignOff(
            entry.detail["signed_by"], entry.detail["because"], entry.at
        )
        for entry in entries.order_by("pk")
    }


class _OfReport(NamedTuple):
    """What all rows of a report are built from, by the keys of rows; `conditions` are when due."""

    rows: dict[str, ReportRow]
    texts: dict[str, str]
    sign_offs: dict[str, dict[str, str]]
    notes: dict[str, str]
    display: Display
    conditions: tuple[Condition, ...]


def _build_row(node: ReportRow, given: _OfReport) -> CommentaryRow:
    text = given.texts.get(node.key, "")
    covered = not text and node.is_service and node.key in given.notes
    group = _group_with_text(node, given.rows, given.texts) if covered else None
    signed = given.sign_offs.get(group.key if group else node.key, {})
    return CommentaryRow(
        node=node,
        under=given.rows[node.parent_key].label if node.level > 1 else "",
        display=given.display,
        due=_is_due(node, given.conditions),
        text=text,
        group=group,
        note=given.notes.get(node.key, ""),
        signed_by=signed.get("by", ""),
        signed_at=datetime.date.fromisoformat(signed["at"]) if signed else None,
    )


def _group_with_text(
    node: ReportRow, above: dict[str, ReportRow], texts: dict[str, str]
) -> ReportRow:
    """Return the nearest group above a row that has commentary; there must be one."""
    group = above[node.parent_key]
    while group.key not in texts:
        group = above[group.parent_key]
    return group


def _is_due(node: ReportRow, conditions: tuple[Condition, ...]) -> bool:
    """Return whether the council's settings ask for commentary on a service; never on a group."""
    return node.is_service and commentary_is_due(conditions, node.budget, node.net_variance)


def due_rule(conditions: Iterable[Condition]) -> str:
    """Return the rule for where commentary is due, as a sentence."""
    conditions = list(conditions)
    if not conditions:
        return "The council’s settings ask for no commentary; any service may have some."
    clauses = [
        f"{subject} is {' and '.join(limits)}"
        for subject, limits in (
            ("the net variance, over or under,", _describe_limits(conditions, "variance")),
            ("the budget", _describe_limits(conditions, "budget")),
        )
        if limits
    ]
    return f"Commentary is due where {' and '.join(clauses)}."


def _describe_limits(conditions: list[Condition], subject: str) -> list[str]:
    """Return limits in words: in pounds, and in per cent of the budget."""
    found = []
    for condition in conditions:
        compared = _COMPARED[condition.comparison]
        if condition.measure == subject:
            found.append(f"{compared} {plain_pounds(round(condition.limit * 100))}")
        elif condition.measure == f"{subject}_percent":
            found.append(f"{compared} {float(condition.limit):g}% of the budget")
    return found


def closed_texts(facts: ReportData) -> list[tuple[str, str]]:
    """Return name and text of services that have commentary and no row any more."""
    keys = {node.key for node in facts.nodes}
    codes = [code for code in facts.commentary if code not in keys]
    services = Service.objects.filter(year=facts.period.year, code__in=codes).order_by("code")
    return [(service.name, facts.commentary[service.code]) for service in services]


@dataclass(frozen=True)
class Figure:
    """A figure of a service as printed, with its label, its sense and an explanation."""

    label: str
    text: str
    sense: str = ""
    note: str = ""


def node_figures(facts: ReportData, node: ReportRow) -> list[Figure]:
    """Return the figures that commentary on a row explains, in the council's unit."""
    display = facts.display("annex-a")

    def figure(label: str, pence: int | None, *, sensed: bool = False, note: str = "") -> Figure:
        text = "–" if pence is None else display.amount(pence)
        return Figure(label, text, display.sense(pence) if sensed else "", note)

    net, planned = node.net_variance, node.planned_use
    found = [figure("Budget", node.budget), figure("Forecast outturn", node.forecast)]
    if planned:
        found.append(figure("Planned use of reserves and receipts", planned))
    percent = "" if net is None else f"{display.percent(net, node.budget)} of the budget"
    found.append(figure("Net variance", net, sensed=True, note=percent))
    if facts.compared_with is None:
        return found
    restated, published = node.previous_net_variance, node.previous_as_published
    found.append(figure("Previous report, as published", published))
    if restated != (published or 0):
        note = "after virements and moves between services"
        found.append(figure("Previous report, restated", restated, note=note))
    return [*found, figure("Movement", node.movement, sensed=True)]


@dataclass(frozen=True)
class LineFigure:
    """A budget line with the name that readers may see, in pounds and pence."""

    name: str
    budget: str
    forecast: str
    net_variance: str
    sense: str


def largest_lines(
    facts: ReportData, nodes: Iterable[ReportRow], *, with_exempt: bool, count: int = LARGEST_LINES
) -> dict[str, list[LineFigure]]:
    """Return by row of a draft the lines under it with the largest net variances, over or under.

    Exempt lines are left out unless `with_exempt`.
    """
    found = find_largest_lines(facts, nodes, with_exempt=with_exempt, count=count)
    return {key: [_print_line(line, facts) for line in lines] for key, lines in found.items()}


def _print_line(line: LargeLine, facts: ReportData) -> LineFigure:
    exact = Display(unit="pounds", favourable=facts.settings.display.favourable)
    return LineFigure(
        line.name,
        exact.amount(line.budget),
        "–" if line.forecast is None else exact.amount(line.forecast),
        exact.amount(line.net_variance),
        exact.sense(line.net_variance),
    )


def previous_text(facts: ReportData, node: ReportRow) -> tuple[Report, str] | None:
    """Return the report that these figures are compared with, and its text on the service."""
    report = facts.period.compared_with
    if report is None:
        return None
    text = frozen_of(report)["commentary"].get(node.key)
    return (report, text) if text else None
