"""What people send in to log in, and about their own account."""

from django import forms
from django.contrib.auth import forms as django_forms

_WHEN_MISSING = {
    "username": "Enter your user name.",
    "password": "Enter your password.",
    "old_password": "Enter the password that you have now.",
    "new_password1": "Enter a new password.",
    "new_password2": "Enter the new password again.",
}


class PlainlyMissing:
    """Says what to enter where a field was left empty."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages["required"] = _WHEN_MISSING[name]


class LogInForm(PlainlyMissing, django_forms.AuthenticationForm):
    """A user name and a password; a closed account answers like one that is not there."""

    error_messages = django_forms.AuthenticationForm.error_messages | {
        "invalid_login": "The user name or the password is wrong. In both, capital letters count."
    }


class NewPassword(PlainlyMissing):
    """A new password twice; what is wrong with it stands at the first of the two."""

    error_messages = django_forms.PasswordChangeForm.error_messages | {
        "password_mismatch": "The two passwords differ. Enter the new password again.",
        "password_incorrect": "This is not the password that you have now. Enter it again.",
    }

    def clean(self) -> dict:
        """Both the same, and as the rules for passwords want it."""
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data


class SetPasswordForm(NewPassword, django_forms.SetPasswordForm):
    """A new password, of someone who came by a link."""


class ChangePasswordForm(NewPassword, django_forms.PasswordChangeForm):
    """The password of now, and a new one."""


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        max_length=40,
        error_messages={
            "required": "Enter the code that your app shows.",
            "max_length": "A code has six digits; a recovery code sixteen letters and digits.",
        },
    )


class ResetForm(forms.Form):
    """The e-mail address that a link is sent to."""

    email = forms.EmailField(
        max_length=254,
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address, such as name@council.gov.uk.",
        },
    )
