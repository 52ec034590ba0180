"""Publish a period's report, and reopen it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.statements.model import Statement
from monitoring.documents.build import document_json
from monitoring.documents.services import keep_document
from monitoring.figures.pipeline import compute, write_figures
from monitoring.figures.selectors.inputs import Inputs, approved_virements
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.typed_forecasts import last_entry
from monitoring.ledger_files.selectors import MissingRest, missing_rest_of
from monitoring.published.models import Report, ReportFigure, ReportStatement
from monitoring.published.report_lines import keep_lines
from monitoring.publishing.selectors.outstanding import reasons_to_wait
from monitoring.publishing.selectors.review import publishing_blockers, publishing_inputs
from monitoring.reports.selectors.check_reasons import reasons_to_freeze
from monitoring.reports.selectors.report_data import ReportData, draft_data
from monitoring.reports.selectors.statements import draft_statements
from monitoring.structure.models import Period, PeriodState
from monitoring.structure.selectors.calendar import periods as all_periods
from monitoring.structure.year_changes import change_year


def publish_report(
    *,
    period: Period,
    by: User | None,
    version: int | None = None,
    revision: int | None = None,
    complete_because: str = "",
    despite: Sequence[str] = (),
) -> Report:
    """Freeze and return the period's report: batch, tree, virements and every statement.

    Where services of the previous period have no budget in this one, `complete_because` is the
    reason why the figures are complete without them; the audit trail keeps it. It also keeps
    `despite`: sentences for the outstanding work of which the person was warned.

    `version` and `revision` are those of the draft that the person looked at. Sent twice, the
    request publishes once and returns the same report. Raise `Refused` where figures have changed
    since, where the period cannot be published, or where work is outstanding for which the
    council's settings let publication wait.
    """
    with change_year(period.year_id, affects_figures=True) as change:
        year = change.year
        period = Period.objects.select_related("year", "batch").get(pk=period.pk)
        if version is not None and (report := _find_published_version(period, version)):
            change.is_needed = False
            return report
        inputs = publishing_inputs(period)
        rest = missing_rest_of(period, inputs)
        inputs = _require_ready(period, inputs, rest, complete_because)
        if revision is not None and revision != period.year.revision:
            raise Refused(
                "Figures changed since you looked, so nothing was published. Review them again."
            )
        facts = _finish_draft(period, inputs, year.revision)
        report = _freeze_report(facts, inputs, by)
        Period.objects.filter(pk=period.pk).update(state=PeriodState.PUBLISHED, reopen_reason="")
        audit.record(
            by=by,
            action="published",
            on=f"report {year.label} period {period.number}",
            version=report.version,
            **_audit_despite(rest, complete_because, despite),
        )
    return report


def _require_ready(
    period: Period, inputs: Inputs | None, rest: MissingRest | None, complete_because: str
) -> Inputs:
    """Return the inputs of the figures. Raise `Refused` with every reason against publishing."""
    reasons = publishing_blockers(period, inputs)
    if rest is not None and not complete_because.strip():
        reasons.append(f"{rest.sentence} Bring them in, or say with a reason that this is all.")
    if reasons or inputs is None:
        raise Refused(*reasons)
    return inputs


def _finish_draft(period: Period, inputs: Inputs, revision: int) -> ReportData:
    """Return the data to publish, of figures written now. Raise `Refused` for work to wait for.

    A period without a ledger gets a batch without positions, as every report has a batch.
    """
    if period.batch is None:
        batch = Batch.objects.create(period=period, number=1, upload=None)
        Period.objects.filter(pk=period.pk).update(batch=batch)
    write_figures(period, inputs, compute(inputs), revision=revision)
    facts = draft_data(all_periods().get(pk=period.pk), status="published")
    if reasons := reasons_to_wait(facts):
        raise Refused(*reasons)
    return facts


def _audit_despite(rest: MissingRest | None, reason: str, despite: Sequence[str]) -> dict[str, Any]:
    """Return what the audit trail keeps of a report published without services or other work."""
    kept: dict[str, Any] = {"despite": list(despite)} if despite else {}
    if rest is None:
        return kept
    return kept | {
        "complete_because": reason.strip(),
        "without": [service.code for service in rest.services],
        "without_pence": rest.pence,
    }


def _find_published_version(period: Period, version: int) -> Report | None:
    """Return the report that was published as this version already; None where there is none.

    Raise `Refused` where it was reopened since: the draft is then of the next version.
    """
    report = Report.objects.filter(period=period, version=version).first()
    if report is not None and not period.is_published:
        raise Refused(
            f"Version {version} was published meanwhile, and the report is open again. Review the "
            f"draft of version {version + 1} before you publish it."
        )
    return report


def reopen_report(*, period: Period, reason: str, by: User | None) -> None:
    """Open a published period again; members read its report until a new version is published.

    Raise `Refused` without a reason, or where the period is not published.
    """
    if not reason.strip():
        raise Refused("Say why the report is reopened; readers of the next version will see it.")
    with change_year(period.year_id, affects_figures=True) as change:
        opened = Period.objects.filter(pk=period.pk, state=PeriodState.PUBLISHED).update(
            state=PeriodState.OPEN, reopen_reason=reason.strip()
        )
        if not opened:
            raise Refused(f"{period} is not published, so there is nothing to reopen.")
        audit.record(
            by=by,
            action="reopened",
            on=f"report {change.year.label} period {period.number}",
            reason=reason.strip(),
        )


def _freeze_report(facts: ReportData, inputs: Inputs, by: User | None) -> Report:
    """Store the report of a draft, with its key figures and every statement."""
    period = facts.period
    if period.batch is None:
        raise ValueError("a period without figures has no report")
    services = _services_of_lines(inputs)
    report = Report.objects.create(
        period=period,
        version=facts.version,
        batch=period.batch,
        compared_with=period.compared_with,
        last_forecast_entry=last_entry(period),
        frozen=facts.to_freeze | reasons_to_freeze(facts),
        line_services=_moved_lines(inputs, services),
        reason=period.reopen_reason,
        published_by=by,
    )
    report.virements.set(approved_virements(period))
    ReportFigure.objects.bulk_create(
        ReportFigure(
            report=report,
            place=place,
            key=node.key,
            label=node.label,
            budget_pence=node.budget,
            net_variance_pence=node.net_variance,
            movement_pence=node.movement,
        )
        for place, node in enumerate(facts.nodes)
    )
    keep_lines(report, services)
    registry.keep_published_rows(report, report.frozen["parts"])
    ReportStatement.objects.bulk_create(
        _frozen_statement(report, name, made) for name, made in draft_statements(facts).items()
    )
    keep_document(report, document_json(facts))
    return report


def _frozen_statement(report: Report, name: str, statement: Statement) -> ReportStatement:
    text = statement.to_json()
    return ReportStatement(
        report=report,
        name=name,
        text=text,
        layout=statement.layout(),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _services_of_lines(inputs: Inputs) -> dict[int, int]:
    """Return the id of the service that each line is under, by the line's id."""
    homes = {service: inputs.tree.home(service) for service in inputs.tree.register}
    positions = inputs.positions
    return dict(zip(positions["line"].tolist(), positions["service"].map(homes), strict=True))


def _moved_lines(inputs: Inputs, services: dict[int, int]) -> dict[str, int]:
    """Return the service of each line that moved after its position was uploaded, by line id."""
    given = zip(inputs.positions["line"], inputs.positions["given_service"], strict=True)
    return {str(line): services[line] for line, service in given if services[line] != service}
