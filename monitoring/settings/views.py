"""The pages of the council's settings."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from monitoring.people.rights import may_read_settings, require


@require_safe
def index(request: LoggedInRequest) -> HttpResponse:
    """List the pages where the product is set up for a council."""
    require(may_read_settings(current_user(request)))
    return render(request, "monitoring/settings.html", {"nav_section": "settings"})
