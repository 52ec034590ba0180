"""What a report knows of savings, as plain data: read live for a draft, frozen when published."""

from council_finance import registry
from monitoring.council_settings import CouncilSettings, read_settings
from monitoring.models import Period
from monitoring.selectors.frozen import frozen_of
from monitoring.selectors.inputs import current_tree
from savings.models import Replacement, Saving, SavingPosition
from savings.rules import direction_of, status_of
from savings.selectors.register import counting, replacements, standing

NAME = "savings"


@registry.part(NAME)
def savings_part(period: Period) -> dict:
    """The savings that count in the period, and those of the previous report that do not any more.

    Amounts are pence without the suffix, positive; None is not given. A saving's `service` is the
    one that the register names, `home` the row of the tree where it stands today. `derived` is
    the status that was overridden; `previous` what the previous report said.
    """
    savings = standing(period)
    before = _previous(period)
    if not savings and not before:
        return {"savings": [], "left": []}
    replaced = replacements(savings)
    now = counting(savings, period.number)
    settings = read_settings(period.year.settings)
    homes = _homes(period, now)
    rows = [
        _row(saving, saving.now, settings, before.get(saving.reference))
        | {
            "home": homes[saving.service_id],
            "replaces": [_replaced(each) for each in replaced.values() if _by(each, saving)],
        }
        for saving in now
    ]
    successors = {each.replaced.reference: each.replacing.reference for each in replaced.values()}
    gone = set(before) - {row["reference"] for row in rows}
    left = [
        _left(row, successors.get(reference, ""))
        for reference, row in before.items()
        if reference in gone
    ]
    return {"savings": rows, "left": left}


def _previous(period: Period) -> dict[str, dict]:
    """What the previous report said, by reference."""
    report = period.compared_with
    part = frozen_of(report).get("parts", {}).get(NAME) if report else None
    return {row["reference"]: row for row in part["savings"]} if part else {}


def _homes(period: Period, savings: list[Saving]) -> dict[int, str]:
    """The row where each service's savings stand today; a closed one's follow its lines."""
    services = {saving.service_id: saving.service for saving in savings}
    if all(service.named and not service.successor_id for service in services.values()):
        return {pk: service.code for pk, service in services.items()}
    tree = current_tree(period.year)
    return {pk: tree.register[tree.home(pk)].code for pk in services}


def _row(
    saving: Saving,
    position: SavingPosition | None,
    settings: CouncilSettings,
    before: dict | None,
) -> dict:
    position = position or SavingPosition()
    status = status_of(
        settings,
        saving.agreed_saving_pence,
        position.forecast_saving_pence,
        declared=position.declared_status,
        override=position.status_override,
    )
    overridden = bool(status.derived)
    row = {
        "reference": saving.reference,
        "title": saving.title,
        "service": saving.service.code,
        "service_name": saving.service.name,
        "decision": saving.decision,
        "category": saving.category,
        "committee": saving.committee,
        "owner": saving.owner,
        "agreed": saving.agreed_saving_pence,
        "investment": saving.investment_pence,
        "forecast": position.forecast_saving_pence,
        "delivered": position.delivered_to_date_pence,
        "phasing": [getattr(position, f"phasing_q{n}_pence") for n in (1, 2, 3, 4)],
        "status": status.word,
        "derived": status.derived,
        "override_reason": position.override_reason if overridden else "",
        "override_by": _name(position) if overridden else "",
        "direction_given": bool(position.direction_of_travel),
        "commentary": position.commentary,
        "previous": _kept(before),
    }
    direction = direction_of(settings, position.direction_of_travel, row, before)
    return row | {"direction": direction}


def _name(position: SavingPosition) -> str:
    return position.override_by.name if position.override_by else ""


def _kept(before: dict | None) -> dict | None:
    names = ("service", "service_name", "agreed", "forecast", "status", "direction")
    return None if before is None else {name: before[name] for name in names}


def _by(replacement: Replacement, saving: Saving) -> bool:
    return replacement.replacing_id == saving.pk


def _replaced(replacement: Replacement) -> dict:
    return {
        "reference": replacement.replaced.reference,
        "title": replacement.replaced.title,
        "agreed": replacement.replaced.agreed_saving_pence,
        "agreed_by": replacement.agreed_by,
        "agreed_on": replacement.agreed_on.isoformat(),
        "reason": replacement.reason,
    }


def _left(row: dict, replaced_by: str) -> dict:
    names = ("reference", "title", "service", "service_name", "agreed", "status")
    return {name: row[name] for name in names} | {"replaced_by": replaced_by}
