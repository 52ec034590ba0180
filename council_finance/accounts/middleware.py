"""Every page asks for a log-in but those that say otherwise."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from council_finance import logs
from council_finance.accounts.second_factor import has_second_factor, is_required
from council_finance.accounts.trail import note_log_out

LAST_SEEN, CODE_GIVEN = "last_seen", "code_given"
"""What a session keeps: when its person was last here, and that they gave a code."""


@receiver(user_logged_in)
def note_seen(request: HttpRequest, **_) -> None:
    """Begin to watch for how long a person is away."""
    request.session[LAST_SEEN] = int(time.time())


def open_to_the_public(view: Callable) -> Callable:
    """Let strangers read this page where PUBLIC_REPORTS is set; it shows them what is published."""
    view.is_public = lambda: settings.PUBLIC_REPORTS
    return view


def public(view: Callable) -> Callable:
    """Let everybody read this page, which says nothing about the council's money."""
    view.is_public = lambda: True
    return login_not_required(view)


def asked_by_itself(view: Callable) -> Callable:
    """Say that pages ask for this of themselves: it is no sign that somebody is there."""
    view.asked_by_itself = True
    return view


def before_second_factor(view: Callable) -> Callable:
    """Let somebody in who must have a second factor and has not set it up yet."""
    view.before_second_factor = True
    return view


def needs_second_factor(request: HttpRequest) -> bool:
    """Whether this session began without the second factor that the person's role must have."""
    user = request.user
    return user.is_authenticated and is_required(user) and not request.session.get(CODE_GIVEN)


class LogInFirst(LoginRequiredMiddleware):
    """Sends a stranger to the log-in, and tells one whose session has ended that it has."""

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs):
        """Nothing where the page may be read, else the log-in, or the page of the second factor."""
        request.was_idle = False
        if request.user.is_authenticated:
            logs.of_person(request.user.pk)
            self._end_if_idle(request, view_func)
        # First, as pages that are public show drafts to those who may see them.
        if needs_second_factor(request) and not getattr(view_func, "before_second_factor", False):
            return self._ask_for_second_factor(request, view_func)
        if getattr(view_func, "is_public", lambda: False)():
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def _end_if_idle(self, request: HttpRequest, view_func) -> None:
        """Log out who was away for too long; else note that they are here, every few minutes."""
        longest = settings.IDLE_MINUTES * 60
        if not longest:
            return
        now = int(time.time())
        # A session from before there was a time-out begins to count here.
        since = now - request.session.setdefault(LAST_SEEN, now)
        if since >= longest:
            note_log_out(request.user, after_minutes=since // 60)
            logout(request)
            logs.of_person(None)
            request.was_idle = True
        elif since >= longest // 10 and not getattr(view_func, "asked_by_itself", False):
            request.session[LAST_SEEN] = now

    def _ask_for_second_factor(self, request: HttpRequest, view_func) -> HttpResponse | None:
        """The page to set it up; who has done so elsewhere logs in afresh, with a code."""
        if not getattr(view_func, "login_required", True):
            return None
        if has_second_factor(request.user):
            logout(request)
            return self.handle_no_permission(request, view_func)
        if request.htmx:
            return HttpResponseClientRefresh()
        return redirect("second-factor")

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponse:
        """The log-in, then back to the page; a part of a page has the whole page ask for it."""
        if request.htmx:
            return HttpResponseClientRefresh()
        address = resolve_url(settings.LOGIN_URL)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.is_empty():
            address += "?ended=idle" if request.was_idle else "?ended=1"
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
