"""Logging in, one's own account, and a forgotten password."""

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
from council_finance.accounts.forms import (
    ChangePasswordForm,
    LogInForm,
    ResetForm,
    SetPasswordForm,
)
from council_finance.accounts.hashing import PLACES, NoPlace
from council_finance.accounts.middleware import before_second_factor
from council_finance.accounts.models import User
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
"""Why, by the word that stands in the address of the log-in."""


class PlainlyInvalid:
    """A form with errors is answered with status 422."""

    def form_invalid(self, form) -> HttpResponse:
        """The page again, with what is wrong."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class HashesPassword:
    """A form whose password is hashed: only so many are at work at once, before any is hashed."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """As the form does, or a page that says to try again in a moment."""
        try:
            with PLACES.taken_for(client_address(request)):
                return super().post(request, *args, **kwargs)
        except NoPlace as none:
            return no_place(request, for_address=none.for_address)


class LogIn(HashesPassword, PlainlyInvalid, views.LoginView):
    """Log in, and go on to the page that was asked for."""

    template_name = "accounts/login.html"
    form_class = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs) -> dict:
        """With why a session has ended, if one has, and whether there is something to read."""
        ended = _ENDED.get(self.request.GET.get("ended", ""), "")
        more = {"ended": ended, "public_reports": settings.PUBLIC_REPORTS}
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
        """The page again; a wrong name or password is noted."""
        if form.has_error(NON_FIELD_ERRORS):
            trail.note_failed_log_in(self.request, form.cleaned_data["username"])
        return super().form_invalid(form)


@transaction.atomic
def log_in(request: HttpRequest, user: User, *, by: str) -> None:
    """Begin a session; the audit trail says with what."""
    login(request, user)
    trail.note_log_in(request, user, by=by)


@method_decorator(before_second_factor, name="dispatch")
class LogOut(views.LogoutView):
    """End the session."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """End it, whoever it is; a stranger's is none."""
        if request.user.is_authenticated:
            trail.note_log_out(request.user)
        return super().post(request, *args, **kwargs)


class Account(HashesPassword, PlainlyInvalid, views.PasswordChangeView):
    """Who one is to the product, and a new password."""

    template_name = "accounts/account.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("password")

    def get_context_data(self, **kwargs) -> dict:
        """With whether there is a second factor."""
        user = self.request.user
        more = {"second_factor": has_second_factor(user), "required": is_required(user)}
        return super().get_context_data(**kwargs) | more

    def form_valid(self, form) -> HttpResponse:
        """Change the password; this session goes on, others end."""
        services.change_password(user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(
            self.request,
            "Your password is changed. Where you were logged in elsewhere, you no longer are.",
        )
        return super(views.PasswordChangeView, self).form_valid(form)


class AskForReset(PlainlyInvalid, views.PasswordResetView):
    """Ask for a link by e-mail; where no mail can be sent, say who gives one."""

    template_name = "accounts/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("password-reset-sent")

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Nothing is sent where no mail server is set."""
        if not settings.EMAIL_HOST:
            return self.render_to_response(self.get_context_data(), status=409)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        """Have a worker send it, whoever it is; from one address not too often."""
        try:
            if not may_ask_for_link(self.request):
                return self._not_now("often", 429)
            tasks.send_reset_mail.delay(
                form.cleaned_data["email"], self.request.build_absolute_uri("/").rstrip("/")
            )
        except (KombuError, RedisError):
            return self._not_now("away", 503)
        return super(views.PasswordResetView, self).form_valid(form)

    def _not_now(self, why: str, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(not_now=why), status=status)

    def get_context_data(self, **kwargs) -> dict:
        """With whether mail can be sent."""
        return super().get_context_data(**kwargs) | {"mail": bool(settings.EMAIL_HOST)}


class ResetSent(views.PasswordResetDoneView):
    """The same answer to everybody."""

    template_name = "accounts/reset_sent.html"


class SetPassword(HashesPassword, PlainlyInvalid, views.PasswordResetConfirmView):
    """Set a password with a one-time link; one that no longer works is answered with 410."""

    template_name = "accounts/set_password.html"
    form_class = SetPasswordForm
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        """The link's person, as long as the account is open."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active else None

    def form_valid(self, form) -> HttpResponse:
        """Set it, and send the person to the log-in; of two sent at once, one."""
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

    def render_to_response(self, context: dict, **kwargs) -> HttpResponse:
        """With the status that the link has."""
        response = super().render_to_response(context, **kwargs)
        if not self.validlink:
            response.status_code = 410
        return response
