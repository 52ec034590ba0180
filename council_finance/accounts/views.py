"""Logging in, one's own account, and a forgotten password."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash, views
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from council_finance.accounts import pending, services, tasks, trail
from council_finance.accounts.current_user import current_user
from council_finance.accounts.forms import (
    ChangePasswordForm,
    LogInForm,
    ResetForm,
    SetPasswordForm,
)
from council_finance.accounts.hashing import PLACES, NoPlace
from council_finance.accounts.middleware import before_second_factor, without_role
from council_finance.accounts.models import User
from council_finance.accounts.passwords import may_use_password
from council_finance.accounts.second_factor import has_second_factor, is_required
from council_finance.accounts.throttle import client_address, may_ask_for_link, no_place
from council_finance.errors import Refused

_ENDED = {
    "1": f"A session lasts {settings.SESSION_COOKIE_AGE // 3600} hours. It also ends when the "
    "password is changed or the account is closed. Log in again to go on where you were.",
    "idle": f"You were logged out, as nothing was opened or sent for {settings.IDLE_MINUTES} "
    "minutes. Log in again to go on where you were; figures typed into a forecast table are kept "
    "in this browser until then.",
    "code": "You did not enter a code in time. Log in again with your password.",
}
"""The reason for another log-in, by the word in the address of the log-in."""


class PlainlyInvalid:
    """A view that answers a form with errors with status 422."""

    def form_invalid(self, form) -> HttpResponse:
        """Return the page again, with the errors."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class HashesPassword:
    """A view that hashes a password, within the limit on requests that do so at once."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Do as the form does, or return a page that says to try again in a moment."""
        try:
            with PLACES.taken_for(client_address(request)):
                return super().post(request, *args, **kwargs)
        except NoPlace as none:
            return no_place(request, for_address=none.for_address)


class LogIn(HashesPassword, PlainlyInvalid, views.LoginView):
    """The log-in, which leads on to the page that was asked for."""

    template_name = "accounts/login.html"
    form_class = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs) -> dict:
        """Add why a session has ended, if one has, and whether reports are public."""
        ended = _ENDED.get(self.request.GET.get("ended", ""), "")
        more = {
            "ended": ended,
            "public_reports": settings.PUBLIC_REPORTS,
            "sign_on": settings.OIDC,
            "passwords_closed": bool(settings.PASSWORDS_ONLY_FOR),
        }
        return super().get_context_data(**kwargs) | more

    def form_valid(self, form) -> HttpResponse:
        """Log in, or ask for the code of the second factor first."""
        user = form.get_user()
        if has_second_factor(user):
            pending.begin(self.request, user)
            return redirect(
                f"{reverse('login-code')}?{urlencode({'next': self.get_success_url()})}"
            )
        log_in(self.request, user, by="password")
        return redirect(self.get_success_url())

    def form_invalid(self, form) -> HttpResponse:
        """Return the page again; note a wrong name or password."""
        if form.has_error(NON_FIELD_ERRORS):
            trail.note_failed_log_in(self.request, form.cleaned_data["username"])
        return super().form_invalid(form)


@transaction.atomic
def log_in(request: HttpRequest, user: User, *, by: str) -> None:
    """Begin a session; the audit trail says with what (`by`)."""
    login(request, user)
    trail.note_log_in(request, user, by=by)


@method_decorator([before_second_factor, without_role], name="dispatch")
class LogOut(views.LogoutView):
    """The log-out, which ends the session."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """End the session, and note it for a person who is logged in."""
        if request.user.is_authenticated:
            trail.note_log_out(request.user)
        return super().post(request, *args, **kwargs)


@method_decorator(without_role, name="dispatch")
class Account(HashesPassword, PlainlyInvalid, views.PasswordChangeView):
    """The page on one's own account, with a form for a new password."""

    template_name = "accounts/account.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("password")

    def get_context_data(self, **kwargs) -> dict:
        """Add whether there is a second factor, and whether the role must have one."""
        user = current_user(self.request)
        more = {
            "second_factor": has_second_factor(user),
            "required": is_required(user),
            "has_password": user.has_usable_password() and may_use_password(user),
            "sign_on": settings.OIDC,
        }
        return super().get_context_data(**kwargs) | more

    def form_valid(self, form) -> HttpResponse:
        """Change the password; this session continues, others end."""
        services.change_password(user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(
            self.request,
            "Your password is changed. Where you were logged in elsewhere, you no longer are.",
        )
        return super(views.PasswordChangeView, self).form_valid(form)


class AskForReset(PlainlyInvalid, views.PasswordResetView):
    """A form for a link by e-mail; where no mail can be sent, it says who gives one."""

    template_name = "accounts/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("password-reset-sent")

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Send the link; answer 409 where no mail server is set, or passwords are closed."""
        if not settings.EMAIL_HOST or settings.PASSWORDS_ONLY_FOR:
            return self.render_to_response(self.get_context_data(), status=409)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        """Have a worker send the link, for every address alike; limited for each sender."""
        try:
            if not may_ask_for_link(self.request):
                return self._refuse_for_now("often", 429)
            tasks.send_reset_mail.delay(
                form.cleaned_data["email"], self.request.build_absolute_uri("/").rstrip("/")
            )
        except (KombuError, RedisError):
            return self._refuse_for_now("away", 503)
        return super(views.PasswordResetView, self).form_valid(form)

    def _refuse_for_now(self, why: str, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(not_now=why), status=status)

    def get_context_data(self, **kwargs) -> dict:
        """Add whether mail can be sent."""
        more = {
            "mail": bool(settings.EMAIL_HOST),
            "passwords_closed": bool(settings.PASSWORDS_ONLY_FOR),
        }
        return super().get_context_data(**kwargs) | more


class ResetSent(views.PasswordResetDoneView):
    """The page after asking for a link, the same for everybody."""

    template_name = "accounts/reset_sent.html"


class SetPassword(HashesPassword, PlainlyInvalid, views.PasswordResetConfirmView):
    """A form for a password, by a one-time link; a link that no longer works gives 410."""

    template_name = "accounts/set_password.html"
    form_class = SetPasswordForm
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        """Return the link's person, as long as the account is open and may have a password."""
        user = super().get_user(uidb64)
        is_open = user is not None and user.is_active and may_use_password(user)
        return user if is_open else None

    def form_valid(self, form) -> HttpResponse:
        """Set the password and lead to the log-in; of two requests at once, one does."""
        try:
            services.set_password_by_link(
                user=self.user, password=form.cleaned_data["new_password1"]
            )
        except Refused:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        self.request.session.flush()
        messages.success(self.request, "Your password is set. Log in with it.")
        return super(views.PasswordResetConfirmView, self).form_valid(form)

    def render_to_response(self, context: dict[str, Any], **kwargs) -> HttpResponse:
        """Return the page, with status 410 where the link no longer works."""
        response = super().render_to_response(context, **kwargs)
        if not self.validlink:
            response.status_code = 410
        return response
