"""Pages about the site itself, open to everybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.middleware import public


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement, with the address for problems."""
    return render(request, "site/accessibility.html", {"contact": settings.CONTACT_EMAIL})


@public
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Show the terms of local-government finance in plain words."""
    return render(request, "site/glossary.html")


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice: what is kept about people, why and for how long."""
    context = {
        "contact": settings.CONTACT_EMAIL,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "idle_minutes": settings.IDLE_MINUTES,
        "wait_minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        "file_days": settings.KEEP_UNSTORED_FILES_DAYS,
        "account_days": settings.KEEP_CLOSED_ACCOUNTS_DAYS,
        "mail_days": settings.KEEP_MAIL_LOG_DAYS,
        "trail_days": settings.KEEP_AUDIT_TRAIL_DAYS,
    }
    return render(request, "site/privacy.html", context)
