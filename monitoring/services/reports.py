"""Publishing a period's report, and reopening it."""

import hashlib

import pandas as pd
from django.db import transaction

from council_finance import audit, registry
from council_finance.errors import Refused
from council_finance.money import exact_pounds
from council_finance.periods import CLOSE
from monitoring.models import (
    Period,
    PeriodState,
    Report,
    ReportStatement,
    Service,
    Upload,
    UploadState,
)
from monitoring.models.structure import UNALLOCATED
from monitoring.pipeline.figures import (
    advance,
    compute,
    lock_year,
    recompute_open_periods,
    write_figures,
)
from monitoring.selectors.facts import ReportFacts, draft_facts
from monitoring.selectors.forecasts import last_entry
from monitoring.selectors.inputs import Inputs, approved_virements, figures_inputs


def publish_report(*, period: Period, by) -> Report:
    """Freeze the period: batch, tree, virements and every statement. Raises Refused."""
    with transaction.atomic():
        year = lock_year(period.year_id)
        period = Period.objects.select_related("year", "batch").get(pk=period.pk)
        _refuse_unless_ready(period)
        inputs = figures_inputs(period)
        _refuse_misplaced_lines(inputs)
        if period.number == CLOSE:
            _refuse_other_outturns(inputs.positions)
        write_figures(period, inputs, compute(inputs), revision=year.revision)
        period = Period.objects.select_related("year", "batch", "compared_with__period").get(
            pk=period.pk
        )
        report = _freeze(draft_facts(period, status="published"), inputs, by)
        Period.objects.filter(pk=period.pk).update(state=PeriodState.PUBLISHED, reopen_reason="")
        advance(year)
        audit.record(
            by=by,
            action="published",
            on=f"report {year.label} period {period.number}",
            version=report.version,
        )
    recompute_open_periods(year)
    return report


def reopen_report(*, period: Period, reason: str, by) -> None:
    """Open a published period again; its report stays as it is until a new version is published.

    Raises Refused without a reason, or where the period is not published.
    """
    if not reason.strip():
        raise Refused("Say why the report is reopened; readers of the next version will see it.")
    with transaction.atomic():
        year = lock_year(period.year_id)
        opened = Period.objects.filter(pk=period.pk, state=PeriodState.PUBLISHED).update(
            state=PeriodState.OPEN, reopen_reason=reason.strip()
        )
        if not opened:
            raise Refused(f"{period} is not published, so there is nothing to reopen.")
        advance(year)
        audit.record(
            by=by,
            action="reopened",
            on=f"report {year.label} period {period.number}",
            reason=reason.strip(),
        )
    recompute_open_periods(year)


def _refuse_unless_ready(period: Period) -> None:
    if period.is_published:
        raise Refused(f"{period} is published already.")
    if period.batch is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    later = Report.objects.filter(period__year=period.year, period__number__gt=period.number)
    first_time = not Report.objects.filter(period=period).exists()
    if first_time and (last := later.select_related("period").order_by("-period__number").first()):
        raise Refused(
            f"{last.period} is published already, and {period.name.lower()} comes before it. "
            "A period before the latest published one cannot be published for the first time."
        )
    if Upload.objects.filter(
        year=period.year, period__in=[period.number], state=UploadState.STORING
    ).exists():
        raise Refused(f"Figures are being stored for {period}; publish when that has ended.")


def _refuse_misplaced_lines(inputs: Inputs) -> None:
    """Lines hang on open services without others under them; none waits to be placed."""
    tree = inputs.tree
    for service_id in sorted(int(service) for service in inputs.positions["service"].unique()):
        service = tree.register[service_id]
        count = int((inputs.positions["service"] == service_id).sum())
        lines = "1 line is" if count == 1 else f"{count} lines are"
        if service.code == UNALLOCATED:
            raise Refused(
                f"{lines} under “Unallocated”. Upload the position with a service_code for them."
            )
        if tree.is_stray(service_id):
            raise Refused(
                f"{lines} placed on {service.code} ({service.name}), which has other services "
                "under it or has closed. Upload the position with a service_code for them."
            )


def _refuse_other_outturns(positions: pd.DataFrame) -> None:
    actual, forecast = positions["actual_to_date"], positions["forecast"]
    differs = (actual.notna() & forecast.notna() & (actual != forecast)).fillna(False)
    if differs.any():
        row = positions[differs].iloc[0]
        service = Service.objects.get(pk=row["service"])
        raise Refused(
            f"{int(differs.sum())} lines have a forecast that is not their outturn, the first "
            f"under {service.name}: {exact_pounds(int(row['forecast']))} against an actual of "
            f"{exact_pounds(int(row['actual_to_date']))}."
        )


def _freeze(facts: ReportFacts, inputs: Inputs, by) -> Report:
    period = facts.period
    report = Report.objects.create(
        period=period,
        version=facts.version,
        batch=period.batch,
        compared_with=period.compared_with,
        last_forecast_entry=last_entry(period),
        frozen=facts.frozen,
        line_services=_moved_lines(inputs),
        reason=period.reopen_reason,
        published_by=by,
    )
    report.virements.set(approved_virements(period))
    statements = {name: entry.make(facts) for name, entry in registry.statements().items()}
    ReportStatement.objects.bulk_create(
        ReportStatement(
            report=report,
            name=name,
            text=statement.to_json(),
            layout=statement.layout(),
            sha256=hashlib.sha256(statement.to_json().encode()).hexdigest(),
        )
        for name, statement in statements.items()
    )
    return report


def _moved_lines(inputs: Inputs) -> dict[str, int]:
    """The service of each line that stands elsewhere than its position says, by line id."""
    positions = inputs.positions
    homes = positions["service"].map({s: inputs.tree.home(s) for s in inputs.tree.register})
    moved = homes != positions["given_service"]
    lines, services = positions.loc[moved, "line"], homes[moved]
    return {str(line): int(service) for line, service in zip(lines, services, strict=True)}
