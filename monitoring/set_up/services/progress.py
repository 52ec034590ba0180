"""Steps of the set-up that no other page does: the first year, the settings, and leaving it."""

from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.identity.models import ONLY_ROW, Council
from monitoring.restructuring.services.years import set_up_year
from monitoring.set_up.models import Mark, SetUpMark
from monitoring.structure.models import FinancialYear

RECORD = "set-up"
"""The audit trail's name of the set-up."""


def accept_settings(*, by: User) -> None:
    """Note that a person has looked at the settings and finds them right."""
    _set_mark(Mark.SETTINGS, action="found the settings right", by=by)


def dismiss_set_up(*, by: User) -> None:
    """Stop showing the set-up first."""
    _set_mark(Mark.DISMISSED, action="dismissed the set-up", by=by)


@transaction.atomic
def show_set_up_again(*, by: User) -> None:
    """Show the set-up first again, until every step is done."""
    deleted, _ = SetUpMark.objects.filter(mark=Mark.DISMISSED).delete()
    if deleted:
        audit.record(by=by, action="took the set-up up again", on=RECORD)


@transaction.atomic
def _set_mark(mark: Mark, *, action: str, by: User) -> None:
    """Store a mark with who set it; one that is set stays."""
    _, is_new = SetUpMark.objects.get_or_create(mark=mark, defaults={"by": by})
    if is_new:
        audit.record(by=by, action=action, on=RECORD)


@transaction.atomic
def set_up_first_year(*, start: int, by: User) -> FinancialYear:
    """Make the first financial year, under the council's name.

    Raise `Refused` where there is a year already, or the council has no name yet.
    """
    # Locked, so that two people cannot each make a first year.
    council = Council.objects.select_for_update().filter(pk=ONLY_ROW).first()
    if year := FinancialYear.objects.order_by("-start").first():
        raise Refused(f"{year} has been set up already. Roll it forward to begin the next year.")
    if council is None:
        raise Refused("Enter the council’s name first: the reports of the year bear it.")
    return set_up_year(start=start, council=council.name, settings={}, by=by)
