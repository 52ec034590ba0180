"""The page that says, step by step, how Excel and Power BI are connected."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from monitoring.odata.entity_types import DRAFT_FIGURES, ENTITY_SETS, FIGURE
from monitoring.people.rights import may_see_drafts


@require_safe
def connect(request: LoggedInRequest) -> HttpResponse:
    """Show what is typed where, with this site's address and the person's own e-mail."""
    sees_drafts = may_see_drafts(request.user)
    sets = [each for each in ENTITY_SETS.values() if sees_drafts or each != DRAFT_FIGURES]
    context = {
        "address": request.build_absolute_uri(reverse("odata")),
        "user_name": request.user.email or request.user.get_username(),
        "sets": sets,
        "columns": FIGURE.properties,
    }
    return render(request, "monitoring/odata_connect.html", context)
