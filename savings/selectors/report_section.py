"""The savings section of a report: read live for a draft, kept as plain data when published."""

from typing import Any

from council_finance import registry
from monitoring.models import Period
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.council_settings import CouncilSettings
from monitoring.structure.selectors.settings import settings_of
from monitoring.structure.selectors.tree import current_tree
from savings.models import Replacement, Saving, SavingPosition
from savings.report_rows import (
    PreviousSaving,
    RemovedSaving,
    ReplacedSaving,
    SavingRow,
    SavingsSection,
)
from savings.rules import Outlook, SavingStatus, direction_of, status_of
from savings.selectors.register import counts_in, register_with_positions, replacements

NAME = "savings"


@registry.report_section(NAME)
def savings_data(period: Period) -> dict[str, Any]:
    """Return the period's savings section as plain data."""
    return savings_section(period).to_data()


def savings_section(period: Period, settings: CouncilSettings | None = None) -> SavingsSection:
    """Return the savings that count in the period, and those of the previous report that do not.

    Statuses are those of the year's settings, or of the settings given.
    """
    register = register_with_positions(period)
    before = _previous_savings(period)
    if not register and not before:
        return SavingsSection()
    replaced = replacements(saving for saving, _ in register)
    now = [(saving, position) for saving, position in register if counts_in(saving, period.number)]
    settings = settings or settings_of(period.year)
    homes = _home_services(period, [saving for saving, _ in now])
    rows = tuple(
        _build_row(
            saving,
            position or SavingPosition(),
            settings,
            before=before.get(saving.reference),
            home=homes[saving.service_id],
            replaces=tuple(
                _describe_replaced(each)
                for each in replaced.values()
                if each.replacing_id == saving.pk
            ),
        )
        for saving, position in now
    )
    references = {saving.pk: saving.reference for saving, _ in register}
    successors = {
        each.replaced.reference: references[each.replacing_id] for each in replaced.values()
    }
    return SavingsSection(rows, _removed_savings(rows, before, successors))


def _previous_savings(period: Period) -> dict[str, SavingRow]:
    """Return the savings of the previous report by reference."""
    report = period.compared_with
    data = frozen_of(report).get("parts", {}).get(NAME) if report else None
    return {row.reference: row for row in SavingsSection.from_data(data).savings}


def _home_services(period: Period, savings: list[Saving]) -> dict[int, str]:
    """Return the code of the row that each service's savings belong to today, by service id.

    The savings of a closed service follow its lines to its successor.
    """
    services = {saving.service_id: saving.service for saving in savings}
    if all(service.named and not service.successor_id for service in services.values()):
        return {pk: service.code for pk, service in services.items()}
    tree = current_tree(period.year)
    return {pk: tree.register[tree.home(pk)].code for pk in services}


def _build_row(
    saving: Saving,
    position: SavingPosition,
    settings: CouncilSettings,
    *,
    before: SavingRow | None,
    home: str,
    replaces: tuple[ReplacedSaving, ...],
) -> SavingRow:
    status = _status_now(saving, position, settings)
    return SavingRow(
        reference=saving.reference,
        title=saving.title,
        service=saving.service.code,
        service_name=saving.service.name,
        decision=saving.decision,
        category=saving.category,
        committee=saving.committee,
        owner=saving.owner,
        agreed=saving.agreed_saving_pence,
        investment=saving.investment_pence,
        forecast=position.forecast_saving_pence,
        delivered=position.delivered_to_date_pence,
        phasing=position.phasing_pence,
        status=status.word,
        derived=status.derived,
        override_reason=position.override_reason if status.derived else "",
        override_by=position.overrider_name if status.derived else "",
        direction_given=bool(position.direction_of_travel),
        commentary=position.commentary,
        previous=_describe_previous(before) if before else None,
        direction=_direction_now(position, status, settings, before),
        home=home,
        replaces=replaces,
    )


def _status_now(
    saving: Saving, position: SavingPosition, settings: CouncilSettings
) -> SavingStatus:
    return status_of(
        settings,
        saving.agreed_saving_pence,
        position.forecast_saving_pence,
        declared=position.declared_status,
        override=position.status_override,
    )


def _direction_now(
    position: SavingPosition,
    status: SavingStatus,
    settings: CouncilSettings,
    before: SavingRow | None,
) -> str:
    now = Outlook(status.word, position.forecast_saving_pence)
    then = Outlook(before.status, before.forecast) if before else None
    return direction_of(settings, position.direction_of_travel, now, then)


def _describe_previous(before: SavingRow) -> PreviousSaving:
    return PreviousSaving(
        service=before.service,
        service_name=before.service_name,
        agreed=before.agreed,
        forecast=before.forecast,
        status=before.status,
        direction=before.direction,
    )


def _describe_replaced(replacement: Replacement) -> ReplacedSaving:
    return ReplacedSaving(
        reference=replacement.replaced.reference,
        title=replacement.replaced.title,
        agreed=replacement.replaced.agreed_saving_pence,
        agreed_by=replacement.agreed_by,
        agreed_on=replacement.agreed_on.isoformat(),
        reason=replacement.reason,
    )


def _removed_savings(
    rows: tuple[SavingRow, ...], before: dict[str, SavingRow], successors: dict[str, str]
) -> tuple[RemovedSaving, ...]:
    """Return the savings of the report before that no longer count, with what replaced them."""
    still_counting = {row.reference for row in rows}
    return tuple(
        RemovedSaving(
            reference=reference,
            title=row.title,
            service=row.service,
            service_name=row.service_name,
            agreed=row.agreed,
            status=row.status,
            replaced_by=successors.get(reference, ""),
        )
        for reference, row in before.items()
        if reference not in still_counting
    )
