"""Choose the year that one's first page shows in full."""

from django.db import transaction

from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.people.models import ChosenYear
from monitoring.people.selectors.years_under_way import years_under_way
from monitoring.structure.models import FinancialYear


@transaction.atomic
def choose_year(*, user: User, year: FinancialYear) -> None:
    """Show a year in full on a person's first page, until its close is published.

    Choosing the usual year goes back to it. Raise `Refused` where the person's first page does not
    have the year.
    """
    shown = years_under_way(user)
    if shown is None or year not in (shown.first, *shown.others):
        raise Refused(f"{year} is not open, so it cannot be the year of your first page.")
    if year == shown.usual:
        ChosenYear.objects.filter(user=user).delete()
    else:
        ChosenYear.objects.update_or_create(user=user, defaults={"year": year})
