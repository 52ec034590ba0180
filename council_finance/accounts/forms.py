"""The forms to log in, and of one's own account."""

from django import forms
from django.contrib.auth import forms as django_forms

from council_finance.accounts.models import User
from council_finance.accounts.passwords import may_try_password, may_use_password, passwords_closed
from council_finance.forms.widgets import PasswordInput

_PASSWORD_HINT = (
    "At least 12 characters: three or four words that do not belong together do well. Not a common "
    "password, not your name, not only digits."
)
_NOT_CORRECTED = {"autocapitalize": "none", "spellcheck": "false"}
"""Attributes of a field whose text the browser must not change."""

_WHEN_MISSING = {
    "username": "Enter your user name.",
    "password": "Enter your password.",
    "old_password": "Enter your present password.",
    "new_password1": "Enter a new password.",
    "new_password2": "Enter the new password again.",
}


class PlainlyMissing:
    """A form that says what to enter where a field was left empty."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages["required"] = _WHEN_MISSING[name]


class LogInForm(PlainlyMissing, django_forms.AuthenticationForm):
    """A user name and a password; a closed account answers like one that is not there."""

    error_messages = django_forms.AuthenticationForm.error_messages | {
        "invalid_login": "The user name or the password is wrong. In both, capital letters count."
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        username = self.fields["username"]
        username.label = "User name"
        username.widget.attrs |= _NOT_CORRECTED
        # Django puts the focus here, and so past the link to the main content and the heading.
        username.widget.attrs.pop("autofocus", None)
        self.fields["password"].widget = PasswordInput(autocomplete="current-password")

    def clean(self) -> dict:
        """Refuse before anything is checked where passwords are closed to this user name."""
        if not may_try_password(self.cleaned_data.get("username") or ""):
            raise forms.ValidationError(passwords_closed(), code="closed")
        return super().clean()

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse a closed account, and one that may not log in with a password."""
        super().confirm_login_allowed(user)
        if not may_use_password(user):
            raise forms.ValidationError(passwords_closed(), code="closed")


class NewPassword(PlainlyMissing):
    """A new password twice; an error of both is shown at the first of the two."""

    error_messages = django_forms.PasswordChangeForm.error_messages | {
        "password_mismatch": "The two passwords differ. Enter the new password again.",
        "password_incorrect": "This is not the password that you have now. Enter it again.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = "New password", _PASSWORD_HINT
        second.label, second.help_text = "New password again", ""
        for field in (first, second):
            field.widget = PasswordInput(autocomplete="new-password")

    def clean(self) -> dict:
        """Refuse two passwords that differ, and one that breaks the rules for passwords."""
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data


class SetPasswordForm(NewPassword, django_forms.SetPasswordForm):
    """A new password for somebody who followed a link."""


class ChangePasswordForm(NewPassword, django_forms.PasswordChangeForm):
    """The present password and a new one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Present password"
        self.fields["old_password"].widget = PasswordInput(autocomplete="current-password")


class _CodeInput(forms.TextInput):
    """A field for a code, which is never sent back to the page."""

    def format_value(self, value: str | None) -> None:
        """Return nothing, whatever was typed."""


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        help_text="Six digits, which change every 30 seconds; or one of your recovery codes.",
        max_length=40,
        widget=_CodeInput(
            {"autocomplete": "one-time-code", "class": "govuk-input--width-20", **_NOT_CORRECTED}
        ),
        error_messages={
            "required": "Enter the code that your app shows.",
            "max_length": "A code has six digits; a recovery code sixteen letters and digits.",
        },
    )


_CODES_OF_ACTS = {
    "confirm": ("Code", "Six digits, which change every 30 seconds."),
    "codes": ("Code from your app", "Your earlier recovery codes no longer work afterwards."),
    "off": (
        "Code from your app, or a recovery code",
        "To set it up on a new phone, turn it off first.",
    ),
}


class ActCodeForm(CodeForm):
    """The code that confirms one act on the page of the second factor."""

    def __init__(self, act: str, *args, **kwargs):
        super().__init__(*args, auto_id=f"id_%s_{act}", **kwargs)
        self.fields["code"].label, self.fields["code"].help_text = _CODES_OF_ACTS[act]


def code_forms(act: str, error: str) -> dict[str, ActCodeForm]:
    """Return the form of each act; the one that was sent says what was wrong with its code."""
    forms_of_acts = {each: ActCodeForm(each) for each in _CODES_OF_ACTS}
    if error and act in forms_of_acts:
        forms_of_acts[act] = ActCodeForm(act, {"code": "sent"})
        forms_of_acts[act].is_valid()
        forms_of_acts[act].add_error("code", error)
    return forms_of_acts


class ResetForm(forms.Form):
    """The e-mail address that a link is sent to."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address, such as name@council.gov.uk.",
        },
    )
