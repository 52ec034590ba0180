"""The page of the ledger feed: whether the folder is watched, and what became of the last files."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from monitoring.feed.overview import describe_folder, list_waiting, received_files, rows_of
from monitoring.people.rights import may_change_settings, may_read_settings, require

_FILES_A_PAGE = 50


@require_safe
def ledger_feed(request: LoggedInRequest) -> HttpResponse:
    """Show whether files are taken, which lie in the folder, and what became of the last ones."""
    user = current_user(request)
    require(may_read_settings(user))
    page = Paginator(received_files(), _FILES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "folder": describe_folder(),
        "in_folder": list_waiting(),
        "page": page,
        "rows": rows_of(page.object_list),
        "may_change": may_change_settings(user),
        "nav_section": "settings",
    }
    return render(request, "monitoring/ledger_feed.html", context)
