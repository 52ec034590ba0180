"""Services that enter reserves and capital receipts projects, and the projects' forecasts."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db.models import Max

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.models import FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveKind,
)
from reserves.rules import CODE_OF_A_ROW, names_a_statement_row, project_record, reserve_record


@dataclass(frozen=True)
class ReserveDetails:
    """The fields of a new reserve; the opening balance in pence, negative in deficit.

    `service` is the code of the service that it is held for, empty for the whole council.
    """

    code: str
    name: str
    kind: str
    opening_balance_pence: int
    group: str = ""
    service: str = ""
    purpose: str = ""
    owner: str = ""


@dataclass(frozen=True)
class ProjectDetails:
    """The fields of a new capital receipts project; `service` is a code, the amount in pence."""

    reference: str
    project: str
    service: str
    original_planned_pence: int
    cost_centre: str = ""
    purpose: str = ""


def add_reserve(*, year: FinancialYear, details: ReserveDetails, by: User | None) -> Reserve:
    """Add a reserve at the end of the year's. Raise `Refused` where its code is taken.

    Published reports keep what they say; every draft has the reserve at once.
    """
    _refuse_blank(details.code, details.name)
    if details.kind not in ReserveKind.values:
        raise Refused("Choose which kind of reserve it is.")
    if names_a_statement_row(details.code):
        raise Refused(f"{CODE_OF_A_ROW[:1].upper()}{CODE_OF_A_ROW[1:]}.")
    with change_year(year.pk, affects_figures=False) as change:
        stored = Reserve.objects.filter(year=change.year)
        if taken := stored.filter(code=details.code).first():
            raise Refused(f"{details.code} is the code of {taken.name} already. Give another code.")
        fields = asdict(details) | {
            "service": _find_service(change.year, details.service) if details.service else None
        }
        reserve = Reserve.objects.create(
            year=change.year, order=_next_order(stored.aggregate(Max("order"))), **fields
        )
        record = reserve_record(change.year.label, reserve.code)
        audit.record(by=by, action="added a reserve", on=record, **asdict(details))
    return reserve


def add_project(
    *, year: FinancialYear, details: ProjectDetails, by: User | None
) -> CapitalReceiptsProject:
    """Add a project at the end of the year's. Raise `Refused` where its reference is taken."""
    _refuse_blank(details.reference, details.project)
    if details.original_planned_pence < 0:
        raise Refused("Give what was planned as a positive amount: what receipts pay for.")
    with change_year(year.pk, affects_figures=False) as change:
        stored = CapitalReceiptsProject.objects.filter(year=change.year)
        if taken := stored.filter(reference=details.reference).first():
            raise Refused(
                f"{details.reference} is the reference of {taken.project} already. Give another."
            )
        fields = asdict(details) | {"service": _find_service(change.year, details.service)}
        project = CapitalReceiptsProject.objects.create(
            year=change.year, order=_next_order(stored.aggregate(Max("order"))), **fields
        )
        record = project_record(change.year.label, project.reference)
        audit.record(by=by, action="added a project", on=record, **asdict(details))
    return project


def enter_receipts_forecasts(
    *,
    period: Period,
    forecasts: Mapping[str, int | None],
    seen: Mapping[str, int | None],
    by: User | None,
) -> int:
    """Store a period's forecasts of projects by reference, in pence; return how many changed.

    None takes a forecast back; projects that are not named keep theirs. `seen` are the figures
    that the person saw. Raise `Refused` where the period is published, or a figure was changed
    meanwhile; then nothing is stored.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = Period.objects.select_related("year").get(pk=period.pk)
        if period.is_published:
            raise Refused(published_message(period))
        projects = CapitalReceiptsProject.objects.filter(year=change.year)
        by_reference = {project.reference: project for project in projects}
        stored = dict(
            CapitalReceiptsForecast.objects.filter(period=period).values_list(
                "project__reference", "forecast_pence"
            )
        )
        _refuse_unknown(forecasts, by_reference)
        _refuse_changed_meanwhile(seen, stored, by_reference)
        changed = {
            reference: pence
            for reference, pence in forecasts.items()
            if stored.get(reference) != pence
        }
        for reference, pence in changed.items():
            _store_forecast(by_reference[reference], period, stored.get(reference), pence, by)
        change.is_needed = bool(changed)
    return len(changed)


def _store_forecast(
    project: CapitalReceiptsProject,
    period: Period,
    before: int | None,
    pence: int | None,
    by: User | None,
) -> None:
    if pence is None:
        CapitalReceiptsForecast.objects.filter(project=project, period=period).delete()
    else:
        CapitalReceiptsForecast.objects.update_or_create(
            project=project, period=period, defaults={"forecast_pence": pence}
        )
    audit.record(
        by=by,
        action="entered a forecast",
        on=project_record(period.year.label, project.reference),
        period=period.number,
        forecast_pence={"from": before, "to": pence},
    )


def _refuse_blank(code: str, name: str) -> None:
    if not code or not name.strip():
        raise Refused("Give a code and a name.")


def _refuse_unknown(references: Iterable[str], known: Mapping[str, object]) -> None:
    if unknown := [each for each in references if each not in known]:
        raise Refused(f"There is no project {unknown[0]} in this year.")


def _refuse_changed_meanwhile(
    seen: Mapping[str, int | None],
    stored: Mapping[str, int],
    projects: Mapping[str, CapitalReceiptsProject],
) -> None:
    for reference, pence in seen.items():
        now = stored.get(reference)
        if now != pence and reference in projects:
            amount = "no forecast" if now is None else plain_pounds(now)
            raise Refused(
                f"Somebody else has changed {projects[reference].project} to {amount} while you "
                "were typing. Look at it again, then save."
            )


def _find_service(year: FinancialYear, code: str) -> Service:
    service = Service.objects.filter(year=year, code=code).first()
    if service is None:
        raise Refused(f"There is no service {code} in this year. Choose one of the list.")
    return service


def _next_order(found: Mapping[str, int | None]) -> int:
    return (found["order__max"] or 0) + 1
