"""The settings of single sign-on by OpenID Connect, from the environment."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from council_finance import environment

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_OF_MANY_TENANTS = {"common", "organizations", "consumers"}
"""Addresses of Entra ID that let in the people of every organisation."""

_LONGEST_ISSUER = 200


@dataclass(frozen=True)
class OidcSettings:
    """An OpenID provider and what is read of its claims.

    `group_roles` are groups and the role of each, the first that a person has counts; where it is
    empty, roles are given in the product alone.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str = "your council account"
    scope: tuple[str, ...] = ("openid", "profile", "email")
    subject_claim: str = "sub"
    groups_claim: str = "groups"
    group_roles: tuple[tuple[str, str], ...] = ()


def read_oidc() -> OidcSettings | None:
    """Return the settings of single sign-on; None where OIDC_ISSUER is not set.

    Raise `ImproperlyConfigured` where one is missing or unsafe.
    """
    issuer = environment.text("OIDC_ISSUER").rstrip("/")
    if not issuer:
        _refuse_settings_without_issuer()
        return None
    _check_issuer(issuer)
    needed = {
        "OIDC_CLIENT_ID": environment.text("OIDC_CLIENT_ID"),
        "OIDC_CLIENT_SECRET": environment.text("OIDC_CLIENT_SECRET"),
    }
    if missing := [name for name, given in needed.items() if not given]:
        raise ImproperlyConfigured(
            f"OIDC_ISSUER is set, so {missing[0]} must be set too: it is where you registered"
            " this site with the provider."
        )
    scope = tuple(environment.text("OIDC_SCOPE").split()) or OidcSettings.scope
    if "openid" not in scope:
        raise ImproperlyConfigured("OIDC_SCOPE must have openid among its words.")
    return OidcSettings(
        issuer=issuer,
        client_id=needed["OIDC_CLIENT_ID"],
        client_secret=needed["OIDC_CLIENT_SECRET"],
        name=environment.text("OIDC_NAME") or OidcSettings.name,
        scope=scope,
        subject_claim=environment.text("OIDC_SUBJECT_CLAIM") or OidcSettings.subject_claim,
        groups_claim=environment.text("OIDC_GROUPS_CLAIM") or OidcSettings.groups_claim,
        group_roles=_read_group_roles(),
    )


def read_passwords_only_for(oidc: OidcSettings | None) -> str:
    """Return the user name that alone logs in with a password; empty where everybody may."""
    username = environment.text("PASSWORDS_ONLY_FOR")
    if username and oidc is None:
        raise ImproperlyConfigured(
            "PASSWORDS_ONLY_FOR closes passwords to everybody else, so OIDC_ISSUER must be set:"
            " nobody else could log in."
        )
    return username


def _refuse_settings_without_issuer() -> None:
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUP_ROLES"):
        if environment.text(name):
            raise ImproperlyConfigured(
                f"{name} is set, so OIDC_ISSUER must name the provider, such as"
                " https://login.microsoftonline.com/TENANT-ID/v2.0."
            )


def _check_issuer(issuer: str) -> None:
    parts = urlsplit(issuer)
    is_local = parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        raise ImproperlyConfigured(
            "OIDC_ISSUER must be an address that begins with https://, such as"
            " https://login.microsoftonline.com/TENANT-ID/v2.0."
        )
    if is_local and environment.flag("IN_SERVICE"):
        raise ImproperlyConfigured(
            "OIDC_ISSUER is on this machine, which is for tests: name the council's provider."
        )
    if _OF_MANY_TENANTS & set(parts.path.split("/")):
        raise ImproperlyConfigured(
            "OIDC_ISSUER lets in people of every organisation: write the council's own tenant id"
            " in place of common or organizations."
        )
    if len(issuer) > _LONGEST_ISSUER:
        raise ImproperlyConfigured(f"OIDC_ISSUER has more than {_LONGEST_ISSUER} characters.")


def _read_group_roles() -> tuple[tuple[str, str], ...]:
    """Return groups and their roles, which are written as group=role with commas."""
    pairs = []
    for written in environment.words("OIDC_GROUP_ROLES", []):
        group, is_pair, role = written.rpartition("=")
        if not is_pair or not group.strip() or not role.strip():
            raise ImproperlyConfigured(
                f"OIDC_GROUP_ROLES has “{written}”: write each as GROUP=ROLE, with commas."
            )
        pairs.append((group.strip(), role.strip()))
    return tuple(pairs)
