"""Services that maintain the register of savings: add, change, and replace under change control."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.periods import long_date, period_name
from council_finance.uploads.codes import CODE_LENGTH
from monitoring.models import FinancialYear, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.year_changes import change_year
from savings.models import Replacement, Saving
from savings.pipeline import open_period, put_saving
from savings.rules import agreed_fault, investment_fault
from savings.selectors.register import (
    counting,
    find_saving,
    register,
    saving_record,
    saving_version,
)


@dataclass(frozen=True)
class SavingDetails:
    """The fields of a saving that a person enters; amounts in pence, positive, None is not given.

    `service` is its code.
    """

    title: str
    service: str
    agreed_pence: int
    decision: str = ""
    category: str = ""
    committee: str = ""
    owner: str = ""
    investment_pence: int | None = None


@dataclass(frozen=True)
class Agreement:
    """The agreement to a replacement: by whom, when and why."""

    by: str
    on: datetime.date
    reason: str


class SavingChanged(Refused):
    """Raised where somebody changed the saving since the person saw it; nothing was saved."""


def add_saving(
    *, year: FinancialYear, reference: str, details: SavingDetails, by: User | None
) -> Saving:
    """Add a saving at the end of the register. Raise `Refused` where a field is not valid."""
    with change_year(year.pk, affects_figures=False) as change:
        year = change.year
        saving = _new_saving(year, reference, first_period=0)
        put_saving(saving, _register_values(year, details), by=by)
    return saving


def change_saving(
    *, saving: Saving, seen_version: str, details: SavingDetails, by: User | None
) -> bool:
    """Change a saving's fields and return whether anything changed.

    Its positions stay with it; published reports are not affected. `seen_version` is the
    saving_version that the person saw. Raise `SavingChanged` where it is another now, `Refused`
    where a field is not valid.
    """
    with change_year(saving.year_id, affects_figures=False) as change:
        year = change.year
        stored = find_saving(year, saving.reference)
        if stored is None:
            raise Refused("This saving is no longer in the register; a file took it away.")
        if saving_version(stored) != seen_version:
            raise SavingChanged(
                "Nothing was saved yet: somebody changed this saving while you were typing. Look "
                "at it again."
            )
        change.is_needed = put_saving(stored, _register_values(year, details, stored), by=by)
    return change.is_needed


def replace_saving(
    *,
    saving: Saving,
    period: Period,
    reference: str,
    details: SavingDetails,
    agreement: Agreement,
    by: User | None,
) -> Saving:
    """Replace a saving by a new one from a period on, and return the new one.

    Earlier positions of the replaced saving stay. Raise `Refused` where the period is published,
    the saving does not count in it, or a field is not valid.
    """
    _refuse_agreement(agreement)
    with change_year(period.year_id, affects_figures=False):
        period = open_period(period)
        year = period.year
        if saving not in counting(register(year), period.number):
            raise Refused(
                f"{saving.reference} does not count in {period_name(period.number).lower()}, so "
                "nothing can replace it there."
            )
        new = _new_saving(year, reference, first_period=period.number)
        put_saving(new, _register_values(year, details), by=by)
        _store_replacement(saving, new, agreement, by)
    return new


def _refuse_agreement(agreement: Agreement) -> None:
    if not (agreement.by.strip() and agreement.reason.strip()):
        raise Refused("Say who agreed to the replacement, and why; both stay in the reports.")
    if agreement.on > timezone.localdate():
        raise Refused(
            f"{long_date(agreement.on)} has not come yet. Enter the replacement once it is agreed."
        )


def _store_replacement(saving: Saving, new: Saving, agreement: Agreement, by: User | None) -> None:
    words = {"agreed_by": agreement.by.strip(), "reason": agreement.reason.strip()}
    Replacement.objects.create(
        replaced=saving,
        replacing=new,
        from_period=new.first_period,
        agreed_on=agreement.on,
        entered_by=by,
        **words,
    )
    audit.record(
        by=by,
        action="replaced a saving",
        on=saving_record(new.year, saving.reference),
        replaced_by=new.reference,
        from_period=new.first_period,
        agreed_on=agreement.on.isoformat(),
        **words,
    )


def _new_saving(year: FinancialYear, reference: str, *, first_period: int) -> Saving:
    reference = reference.strip()
    if not 0 < len(reference) <= CODE_LENGTH:
        raise Refused(f"Give the saving a reference of at most {CODE_LENGTH} characters.")
    if find_saving(year, reference) is not None:
        raise Refused(
            f"There is a saving {reference} in {year} already; a new one has a reference of its "
            "own."
        )
    last = max((saving.order for saving in register(year)), default=0)
    return Saving(
        year=year, reference=reference, order=last + 1, first_period=first_period, typed=True
    )


def _register_values(
    year: FinancialYear, details: SavingDetails, saving: Saving | None = None
) -> Mapping[str, object]:
    """Return the values of a saving's fields. Raise `Refused` where one is not valid."""
    faults = [agreed_fault(details.agreed_pence)]
    if details.investment_pence is not None:
        faults.append(investment_fault(details.investment_pence))
    if not details.title.strip():
        faults.append("say in words what is to be saved")
    if found := [fault for fault in faults if fault]:
        raise Refused(*(f"{fault[:1].upper()}{fault[1:]}." for fault in found))
    return {
        "title": details.title.strip(),
        "service": _find_service(year, details.service, saving),
        "decision": details.decision.strip(),
        "category": details.category.strip(),
        "committee": details.committee.strip(),
        "owner": details.owner.strip(),
        "agreed_saving_pence": details.agreed_pence,
        "investment_pence": details.investment_pence,
    }


def _find_service(year: FinancialYear, code: str, saving: Saving | None) -> Service:
    """Return an open service, or a closed one where the saving stays. Raise `Refused`."""
    service = Service.objects.filter(year=year, code=code).first()
    if service is None:
        raise Refused(f"There is no service with the code {code} in {year}.")
    stays = saving is not None and saving.service_id == service.pk
    if not stays and service.pk not in current_tree(year).open_ids:
        raise Refused(f"{service} has closed; choose a service that is open.")
    return service
