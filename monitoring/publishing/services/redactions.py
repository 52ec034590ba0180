"""Redact published reports: the same figures in a new version that names fewer lines."""

import hashlib
import json

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.audit.selectors.audit_links import report_record
from monitoring.documents.services import keep_document
from monitoring.published.models import Report, ReportDocument, ReportFigure, ReportStatement
from monitoring.reports.redaction import Redactor
from monitoring.reports.selectors.redactions import ToRedact, reports_to_redact, secrets_of
from monitoring.reports.selectors.report_data import published_data
from monitoring.structure.models import FinancialYear
from monitoring.structure.year_changes import change_year


def redact_reports(*, year: FinancialYear, reason: str, by: User | None) -> list[ToRedact]:
    """Take the lines that have become exempt out of every published report that names them.

    Each report gets a new version with the same figures; the versions that name a line are kept,
    and withheld from people who may not see exempt lines. All or nothing. Return the reports that
    were redacted. Raise `Refused` without a reason, or where no report names such a line.
    """
    if not reason.strip():
        raise Refused("Say why the reports are redacted; readers of the new versions will see it.")
    with change_year(year.pk, affects_figures=True) as change:
        found = reports_to_redact(change.year)
        if not found:
            raise Refused("No published report names a budget line that is exempt now.")
        for each in found:
            shown = each.latest
            if version := each.makes_version:
                shown = _make_redacted_version(each, version, reason.strip(), by)
            _withhold_versions(each, shown)
            audit.record(
                by=by,
                action="redacted",
                on=report_record(each.period),
                version=shown.version,
                withheld_versions=[report.version for report in each.versions],
                lines=[line.code for line in each.lines],
                reason=reason.strip(),
            )
    return found


def _withhold_versions(each: ToRedact, shown: Report) -> None:
    """Show the redacted version to readers in place of those that name a line."""
    versions = Report.objects.filter(period=each.period).exclude(pk=shown.pk)
    versions.filter(withheld_for__isnull=False).update(withheld_for=shown)
    versions.filter(pk__in=[report.pk for report in each.versions]).update(withheld_for=shown)


def _make_redacted_version(each: ToRedact, version: int, reason: str, by: User | None) -> Report:
    """Store the latest version again as `version`, without the names of the exempt lines."""
    latest, facts = each.latest, published_data(each.latest)
    redactor = Redactor(secrets_of(facts, list(each.lines)).values())
    frozen = redactor.data(dict(facts.frozen))
    frozen["exempt_lines"] = sorted({*facts.exempt_lines, *(line.pk for line in each.lines)})
    report = Report.objects.create(
        period=latest.period,
        version=version,
        batch_id=latest.batch_id,
        compared_with_id=latest.compared_with_id,
        last_forecast_entry=latest.last_forecast_entry,
        frozen=frozen,
        line_services=latest.line_services,
        reason=reason,
        published_by=by,
        redaction_of_id=latest.figures_published_in,
    )
    report.virements.set(latest.virements.all())
    _copy_figures(latest, report)
    registry.keep_published_rows(report, frozen.get("parts", {}))
    _redact_statements(latest, report, redactor)
    _redact_document(latest, report, redactor)
    return report


def _copy_figures(source: Report, report: Report) -> None:
    figures = list(ReportFigure.objects.filter(report=source))
    for figure in figures:
        figure.pk, figure.report = None, report
    ReportFigure.objects.bulk_create(figures)


def _redact_statements(source: Report, report: Report, redactor: Redactor) -> None:
    statements = list(ReportStatement.objects.filter(report=source))
    for statement in statements:
        data = redactor.data(json.loads(statement.text))
        data["version"] = report.version
        # As Statement.to_json writes it, so that only what was redacted differs.
        statement.text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        statement.sha256 = hashlib.sha256(statement.text.encode()).hexdigest()
        statement.pk, statement.report = None, report
    ReportStatement.objects.bulk_create(statements)


def _redact_document(source: Report, report: Report, redactor: Redactor) -> None:
    for document in ReportDocument.objects.filter(report=source):
        data = redactor.data(json.loads(document.text))
        keep_document(report, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
