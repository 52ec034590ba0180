"""Who forecasts schemes and changes the programme, and who approves the changes of others."""

from django.db.models import QuerySet

from capital.models import CapitalScheme
from council_finance.accounts.models import Role, User
from monitoring.models import FinancialYear
from monitoring.people.rights import Reach, forecast_reach, may_upload


def forecasts_scheme(reach: Reach, scheme: CapitalScheme) -> bool:
    """Return whether a person who looks after `reach` forecasts a scheme.

    A scheme that is no service's is forecast by those who look after the whole council.
    """
    if scheme.service_id is None:
        return reach.everything
    return scheme.service_id in reach


def schemes_in_reach(reach: Reach, year: FinancialYear) -> QuerySet[CapitalScheme]:
    """Return the schemes of a year that `forecasts_scheme` is true of."""
    schemes = CapitalScheme.objects.filter(year=year).select_related("service")
    return schemes if reach.everything else schemes.filter(service_id__in=reach.services)


def scheme_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services whose schemes a person forecasts, and whose changes they propose."""
    return forecast_reach(user, year)


def approves_changes(user: User) -> bool:
    """Return whether a person approves changes of the programme, other than their own."""
    return user.role == Role.FINANCE_LEAD


def balances_funding(user: User) -> bool:
    """Return whether a person sets borrowing so that funding equals expenditure."""
    return may_upload(user)
