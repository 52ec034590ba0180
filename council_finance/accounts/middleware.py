"""Every page asks for a log-in but those that say otherwise."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from council_finance import logs


def open_to_the_public(view: Callable) -> Callable:
    """Let strangers read this page where PUBLIC_REPORTS is set; it shows them what is published."""
    view.is_public = lambda: settings.PUBLIC_REPORTS
    return view


def public(view: Callable) -> Callable:
    """Let everybody read this page, which says nothing about the council's money."""
    view.is_public = lambda: True
    return login_not_required(view)


class LogInFirst(LoginRequiredMiddleware):
    """Sends a stranger to the log-in, and tells one whose session has ended that it has."""

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs):
        """Nothing where the page may be read, else the log-in."""
        if request.user.is_authenticated:
            logs.of_person(request.user.pk)
        if getattr(view_func, "is_public", lambda: False)():
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponse:
        """The log-in, then back to the page; a part of a page has the whole page ask for it."""
        if request.htmx:
            return HttpResponseClientRefresh()
        address = resolve_url(settings.LOGIN_URL)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.is_empty():
            address += "?ended=1"
        return redirect_to_login(_way_back(request), address)


def _way_back(request: HttpRequest) -> str:
    """The page asked for; of something that was sent, the page that it was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sent_from = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(
        sent_from, {request.get_host()}, require_https=request.is_secure()
    ):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(sent_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
