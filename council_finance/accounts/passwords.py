"""Who may log in with a password: everybody, or one administrator where single sign-on is used."""

from django.conf import settings

from council_finance.accounts.models import Role, User


def passwords_closed() -> str:
    """Return the sentence for somebody who tries a password where they are closed."""
    provider = settings.OIDC.name if settings.OIDC else "single sign-on"
    return (
        f"Passwords are not accepted here. Log in with {provider}, by the button above. If that"
        " fails, your administrator can help."
    )


def may_use_password(user: User) -> bool:
    """Return whether this person logs in with a password."""
    only = settings.PASSWORDS_ONLY_FOR
    return not only or (user.username == only and user.role == Role.ADMINISTRATOR)


def lost_administrator() -> str:
    """Return the user name of PASSWORDS_ONLY_FOR where it is no administrator with a password.

    Then nobody could log in while the provider fails.
    """
    only = settings.PASSWORDS_ONLY_FOR
    if not only:
        return ""
    person = User.objects.filter(username=only, is_active=True, role=Role.ADMINISTRATOR).first()
    return "" if person and person.has_usable_password() else only


def may_try_password(username: str) -> bool:
    """Return whether a password is checked for this user name at all."""
    return settings.PASSWORDS_ONLY_FOR in ("", username)
