"""Middleware that asks for a log-in on every page, except those that are marked otherwise."""

import time
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from council_finance import logs
from council_finance.accounts.last_seen import LAST_SEEN, note_logged_out
from council_finance.accounts.models import Role, User
from council_finance.accounts.second_factor import has_second_factor, is_required
from council_finance.accounts.trail import note_log_out

CODE_GIVEN, SIGNED_ON = "code_given", "signed_on"
"""Keys of a session: that its person gave a code, and that they came by single sign-on, whose
provider asks for a second factor itself."""

AnyView: TypeAlias = Callable[..., HttpResponseBase]
View = TypeVar("View", bound=Callable[..., Any])


# These mark a view by an attribute, which LogInFirst reads.


def open_to_the_public(view: View) -> View:
    """Let strangers read this page where PUBLIC_REPORTS is set; it shows them what is published."""
    return _mark_view(view, "is_public", lambda: settings.PUBLIC_REPORTS)


def public(view: View) -> View:
    """Let everybody read this page, which says nothing about the council's money."""
    return login_not_required(_mark_view(view, "is_public", lambda: True))


def asked_by_itself(view: View) -> View:
    """Mark a page that other pages fetch by themselves, whether or not somebody is there."""
    return _mark_view(view, "asked_by_itself", True)


def before_second_factor(view: View) -> View:
    """Let somebody in who must have a second factor and has not set it up yet."""
    return _mark_view(view, "before_second_factor", True)


def without_role(view: View) -> View:
    """Let somebody in who has no role yet."""
    return _mark_view(view, "without_role", True)


def _mark_view(view: View, name: str, value: object) -> View:
    setattr(view, name, value)
    return view


def needs_second_factor(request: HttpRequest) -> bool:
    """Return whether this session lacks the second factor that the person's role must have."""
    user = request.user
    proved = request.session.get(CODE_GIVEN) or request.session.get(SIGNED_ON)
    return user.is_authenticated and is_required(user) and not proved


class LogInFirst(LoginRequiredMiddleware):
    """Middleware that sends a stranger to the log-in, which says whether a session has ended."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: AnyView,
        view_args: tuple[Any, ...],
        view_kwargs: dict[Any, Any],
    ) -> HttpResponseBase | None:
        """Return None where the page may be read, else the log-in or the second factor's page."""
        if request.user.is_authenticated:
            logs.of_person(request.user.pk)
            self._end_if_idle(request, request.user, view_func)
        # Before public pages are let through, as they show drafts to those who may see them.
        if needs_second_factor(request) and not getattr(view_func, "before_second_factor", False):
            return self._ask_for_second_factor(request, view_func)
        if getattr(view_func, "is_public", lambda: False)():
            return None
        if _waits_for_role(request) and not getattr(view_func, "without_role", False):
            return say_whom_to_ask(request)
        return super().process_view(request, view_func, view_args, view_kwargs)

    def _end_if_idle(self, request: HttpRequest, user: User, view_func: AnyView) -> None:
        """Log out a person who was idle for too long; else store the time, every few minutes."""
        longest = settings.IDLE_MINUTES * 60
        if not longest:
            return
        now = int(time.time())
        # A session begun before there was a time-out starts to count here.
        since = now - request.session.setdefault(LAST_SEEN, now)
        if since >= longest:
            note_log_out(user, after_minutes=since // 60)
            logout(request)
            logs.of_person(None)
            request.was_idle = True  # type: ignore[attr-defined]  # for handle_no_permission
        elif since >= longest // 10 and not getattr(view_func, "asked_by_itself", False):
            request.session[LAST_SEEN] = now

    def _ask_for_second_factor(
        self, request: HttpRequest, view_func: AnyView
    ) -> HttpResponseBase | None:
        """Return the page to set it up; a person who has one logs in again, with a code."""
        if not getattr(view_func, "login_required", True):
            return None
        if request.user.is_authenticated and has_second_factor(request.user):
            logout(request)
            return self.handle_no_permission(request, view_func)
        if _is_by_htmx(request):
            return HttpResponseClientRefresh()
        return redirect("second-factor")

    def handle_no_permission(  # type: ignore[override]  # htmx takes a header, no redirect
        self, request: HttpRequest, view_func: AnyView
    ) -> HttpResponseBase:
        """Return the log-in, which leads back to the page; htmx reloads the whole page for it."""
        if _is_by_htmx(request):
            return HttpResponseClientRefresh()
        address = resolve_url(settings.LOGIN_URL)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.is_empty():
            note_logged_out(request)
            address += "?ended=idle" if getattr(request, "was_idle", False) else "?ended=1"
        return redirect_to_login(_address_to_return_to(request), address)


def _waits_for_role(request: HttpRequest) -> bool:
    return request.user.is_authenticated and not request.user.has_role


def say_whom_to_ask(request: HttpRequest) -> HttpResponseBase:
    """Return the page for somebody who has no role yet."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    context = {
        "names": sorted(each.name for each in administrators),
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "accounts/no_role.html", context, status=403)


def _is_by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _address_to_return_to(request: HttpRequest) -> str:
    """Return the address of the page; for something that was sent, of the page it came from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sent_from = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(
        sent_from, {request.get_host()}, require_https=request.is_secure()
    ):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(sent_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
