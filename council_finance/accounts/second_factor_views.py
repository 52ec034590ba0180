"""The page for the code after the password, and the page on which the second factor is set up."""

from typing import Any, cast

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from council_finance.accounts import pending, second_factor, trail
from council_finance.accounts.forms import CodeForm, code_forms
from council_finance.accounts.middleware import CODE_GIVEN, before_second_factor, without_role
from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.throttle import AxesRequest, locked_out
from council_finance.accounts.views import PlainlyInvalid, log_in
from council_finance.errors import Refused

_WRONG = "The code is wrong, or was used already. Wait for the next one and enter that."
_KEY, _CODES = "second_factor_key", "recovery_codes"
"""Keys of the session: a key until it is confirmed, and codes until they have been shown."""


@method_decorator(
    [login_not_required, never_cache, sensitive_post_parameters("code")], name="dispatch"
)
class LogInCode(
    RedirectURLMixin,
    PlainlyInvalid,
    FormView,  # type: ignore[type-arg]  # at run time it takes no argument
):
    """Ask for the code after a right password; wrong codes lead to a wait as passwords do."""

    template_name = "accounts/login_code.html"
    form_class = CodeForm
    next_page = settings.LOGIN_REDIRECT_URL

    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send to the log-in where no password was given, or too long ago."""
        person = pending.person(request)
        if person is None:
            return redirect(f"{resolve_url(settings.LOGIN_URL)}?ended=code")
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse to check a code while the user name must wait at this address."""
        credentials = {"username": self.person.username}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return locked_out(cast(AxesRequest, request), None, credentials)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Log in with a right code."""
        try:
            by = second_factor.check_code(user=self.person, code=form.cleaned_data["code"])
        except Refused as refused:
            form.add_error("code", refused.messages[0])
            return self.form_invalid(form)
        if by == second_factor.WRONG:
            return self._refuse_code(form)
        pending.end(self.request)
        log_in(self.request, self.person, by=by)
        self.request.session[CODE_GIVEN] = True
        return redirect(self.get_success_url())

    def _refuse_code(self, form: CodeForm) -> HttpResponse:
        """Count a wrong code like a wrong password."""
        credentials = {"username": self.person.username}
        user_login_failed.send(__name__, credentials=credentials, request=self.request)
        trail.note_failed_log_in(self.request, self.person.username, wrong=trail.WRONG_CODE)
        form.add_error("code", _WRONG)
        return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address of the page that follows."""
        return super().get_context_data(**kwargs) | {"next": self.get_redirect_url()}


@before_second_factor
@without_role
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_page(request: LoggedInRequest) -> HttpResponse:
    """Set up one's own second factor, make new recovery codes, or turn it off."""
    if request.method != "POST":
        return _render_page(request)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _render_page(request, status=422)
    try:
        return act(request)
    except Refused as refused:
        return _render_page(request, error=refused.messages[0], status=422)


def _make_key(request: LoggedInRequest) -> HttpResponse:
    if second_factor.has_second_factor(request.user):
        raise Refused("A second factor is on already. Turn it off before you set up another.")
    request.session[_KEY] = second_factor.new_key()
    return redirect("second-factor")


def _turn_on(request: LoggedInRequest) -> HttpResponse:
    key = request.session.get(_KEY)
    if key is None:
        raise Refused("The page had ended. Begin again.")
    codes = second_factor.turn_on(
        user=request.user,
        key=key,
        code=request.POST.get("code", ""),
        session_key=request.session.session_key or "",
    )
    del request.session[_KEY]
    request.session[CODE_GIVEN] = True
    return _show_codes(request, codes, "Your second factor is on.")


def _renew_codes(request: LoggedInRequest) -> HttpResponse:
    _check_code(request)
    codes = second_factor.renew_recovery_codes(user=request.user)
    return _show_codes(request, codes, "The recovery codes of before no longer work.")


def _turn_off(request: LoggedInRequest) -> HttpResponse:
    _check_code(request)
    second_factor.turn_off(user=request.user)
    request.session.pop(CODE_GIVEN, None)
    messages.success(request, "Your second factor is off. The password alone lets you in.")
    return redirect("second-factor")


_ACTS = {"begin": _make_key, "confirm": _turn_on, "codes": _renew_codes, "off": _turn_off}


def _check_code(request: LoggedInRequest) -> None:
    """Raise Refused where the code that was sent along is wrong."""
    code = request.POST.get("code", "")
    if second_factor.check_code(user=request.user, code=code) == second_factor.WRONG:
        raise Refused(_WRONG)


def _show_codes(request: LoggedInRequest, codes: list[str], message: str) -> HttpResponse:
    request.session[_CODES] = codes
    messages.success(request, message)
    return redirect("second-factor")


def _render_page(request: LoggedInRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    key = request.session.get(_KEY)
    context = {
        "on": second_factor.has_second_factor(request.user),
        "required": second_factor.is_required(request.user),
        "enrolment": key and second_factor.Enrolment(key, request.user.username),
        "codes": request.session.pop(_CODES, []) if request.method == "GET" else [],
        "codes_left": second_factor.codes_left(request.user),
        "error": error,
        "code_forms": code_forms(request.POST.get("act", ""), error),
        "act": request.POST.get("act", ""),
    }
    return render(request, "accounts/second_factor.html", context, status=status)
