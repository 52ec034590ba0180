"""The pages that list where the product is set up, and what is in force in a year."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from monitoring.people.rights import may_change_settings, may_read_settings, require
from monitoring.people.selectors.years_under_way import years_under_way
from monitoring.settings.selectors import tables_in_words
from monitoring.structure.selectors.calendar import years


@require_safe
def index(request: LoggedInRequest) -> HttpResponse:
    """List the pages where the product is set up for a council."""
    user = current_user(request)
    require(may_read_settings(user))
    under_way = years_under_way(user)
    context = {
        "year": under_way.first if under_way else None,
        "years": years(),
        "nav_section": "settings",
    }
    return render(request, "monitoring/settings.html", context)


@require_safe
def year(request: LoggedInRequest, start: int) -> HttpResponse:
    """Show every setting in force in a year."""
    user = current_user(request)
    require(may_read_settings(user))
    found = get_object_or_404(years(), start=start)
    context = {
        "year": found,
        "years": years(),
        "council": found.council,
        "tables": tables_in_words(found),
        "may_change": may_change_settings(user) and not found.is_archived,
        "nav_section": "settings",
    }
    return render(request, "monitoring/settings_year.html", context)
