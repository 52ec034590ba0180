"""The person behind a log-in by single sign-on: found, recognised once by e-mail, or added."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import ExpectedSignOn, Role, User
from council_finance.accounts.services import end_sessions, record_of
from council_finance.accounts.single_sign_on.configured import configured_oidc
from council_finance.errors import Refused
from council_finance.typed_text import NUL

BY_SIGN_ON = "single sign-on"
EXPECTED_FOR = datetime.timedelta(days=60)
"""The time in which an administrator's word that an address may be recognised counts."""

_NOT_IN_USER_NAMES = re.compile(r"[^\w.@+-]")
_NAME_LENGTH = 150

Claims = Mapping[str, Any]


@transaction.atomic
def person_of_sign_on(*, subject: str, claims: Claims, kept: Mapping[str, Any]) -> User:
    """Return the person with this subject at the provider, with the role that groups give.

    A subject that is new belongs to the person whom an administrator expects under its e-mail
    address, else to a new person without a role. `kept` are the claims kept with the account.
    Raise `Refused` where the account is closed, or where the groups are not known.
    """
    groups = _read_groups(claims)
    try:
        with transaction.atomic():
            account = _find_account(subject) or _add_account(subject, claims, kept)
    except IntegrityError:  # the same person logged in at the same moment in another window
        account = SocialAccount.objects.get(provider=configured_oidc().issuer, uid=subject)
    person = User.objects.select_for_update().get(pk=account.user_id)
    if not person.is_active:
        raise Refused("Your account for Budget monitor is closed.")
    if groups is not None:
        _give_role(person, _role_of(groups))
    return person


def has_sign_on(person: User) -> bool:
    """Return whether a person has logged in by single sign-on."""
    return bool(SocialAccount.objects.filter(user=person).exists())


def people_with_sign_on() -> set[int]:
    """Return the ids of everybody who has logged in by single sign-on."""
    return set(SocialAccount.objects.values_list("user_id", flat=True))


def expected_address(person: User) -> str:
    """Return the address by which a person is recognised at a first log-in; empty for none."""
    expected = ExpectedSignOn.objects.filter(user=person).first()
    return expected.email if expected and _still_counts(expected) else ""


@transaction.atomic
def expect_sign_on(*, person: User, by: User | None) -> None:
    """Let single sign-on recognise a person once, by their e-mail address.

    Raise `Refused` without an address, and where they have logged in by single sign-on already.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active or not person.email:
        raise Refused(f"{person.name} needs an open account with an e-mail address first.")
    if has_sign_on(person):
        raise Refused(f"{person.name} has logged in by single sign-on already.")
    ExpectedSignOn.objects.filter(user=person).delete()
    ExpectedSignOn.objects.create(user=person, email=person.email)
    audit.record(
        by=by, action="let single sign-on recognise", on=record_of(person), email=person.email
    )


@transaction.atomic
def unlink_sign_on(*, person: User, by: User | None) -> None:
    """Take single sign-on away from a person, and end their sessions. Raise `Refused` for none."""
    accounts = SocialAccount.objects.filter(user=person)
    expected = ExpectedSignOn.objects.filter(user=person)
    if not accounts.exists() and not expected.exists():
        raise Refused(f"{person.name} has no single sign-on.")
    accounts.delete()
    expected.delete()
    end_sessions(person)
    audit.record(by=by, action="took away single sign-on", on=record_of(person))


def _find_account(subject: str) -> SocialAccount | None:
    return SocialAccount.objects.filter(provider=configured_oidc().issuer, uid=subject).first()


def _add_account(subject: str, claims: Claims, kept: Mapping[str, Any]) -> SocialAccount:
    """Add the account of a subject that is new, for the person expected or for a new one."""
    person = _take_expected(claims) or _add_person(claims)
    return SocialAccount.objects.create(
        user=person, provider=configured_oidc().issuer, uid=subject, extra_data=dict(kept)
    )


def _take_expected(claims: Claims) -> User | None:
    """Return the one person who is expected under the address of the claims, from now on linked.

    An address that the provider says is not verified counts for nobody, and neither does one that
    two people are expected under.
    """
    address = _address_of(claims)
    if not address or claims.get("email_verified") is False:
        return None
    expected = [
        each
        for each in ExpectedSignOn.objects.select_for_update().filter(email__iexact=address)
        if _still_counts(each)
    ]
    if len(expected) != 1:
        return None
    person = expected[0].user
    if not person.is_active:
        return None
    expected[0].delete()
    audit.record(
        by=None,
        instead=BY_SIGN_ON,
        action="linked to single sign-on",
        on=record_of(person),
        email=address,
    )
    return person


def _still_counts(expected: ExpectedSignOn) -> bool:
    return expected.made_at > timezone.now() - EXPECTED_FOR


def _add_person(claims: Claims) -> User:
    """Add a person without a role and without a password."""
    name = " ".join(_text_of(claims, "name").split())[:_NAME_LENGTH]
    first, _, last = name.rpartition(" ")
    person = User(
        username=_free_username(claims),
        first_name=first,
        last_name=last,
        email=_address_of(claims)[:254],
        role=Role.NO_ROLE,
    )
    person.set_unusable_password()
    person.save()
    audit.record(
        by=None,
        instead=BY_SIGN_ON,
        action="made a person",
        on=record_of(person),
        name=person.get_full_name(),
        email=person.email,
        role=Role.NO_ROLE.label,
    )
    return person


def _address_of(claims: Claims) -> str:
    """Return the e-mail address; else the user name, which at Entra ID looks like one."""
    address = _text_of(claims, "email")
    username = _text_of(claims, "preferred_username")
    return address or (username if "@" in username else "")


def _text_of(claims: Claims, name: str) -> str:
    found = claims.get(name)
    return found.strip().replace(NUL, "") if isinstance(found, str) else ""


def _free_username(claims: Claims) -> str:
    """Return a user name that nobody has: of the claims, else with a number behind it."""
    wanted = _text_of(claims, "preferred_username") or _text_of(claims, "email")
    whole = _NOT_IN_USER_NAMES.sub("", wanted).casefold()[: _NAME_LENGTH - 10] or "person"
    taken = {each.casefold() for each in User.objects.values_list("username", flat=True)}
    candidates = [whole.partition("@")[0] or whole, whole]
    candidates += [f"{whole}-{number}" for number in range(2, len(taken) + 3)]
    return next(each for each in candidates if each not in taken)


def _read_groups(claims: Claims) -> frozenset[str] | None:
    """Return the groups of the claims; None where groups give no roles.

    A person in no group has no such claim. Raise `Refused` where the provider says that there are
    too many to list (Entra ID, above 200), as they are then not known.
    """
    if not configured_oidc().group_roles:
        return None
    name = configured_oidc().groups_claim
    elsewhere = claims.get("_claim_names")
    if claims.get("hasgroups") or (isinstance(elsewhere, dict) and name in elsewhere):
        raise Refused(
            "Your council account is in too many groups for them to be sent. The administrator of"
            " the provider can send only those assigned to Budget monitor."
        )
    found = claims.get(name, [])
    if isinstance(found, str):
        return frozenset([found])
    if not isinstance(found, list):
        raise Refused(f"The provider’s claim {name} is no list of groups.")
    return frozenset(map(str, found))


def _role_of(groups: frozenset[str]) -> str:
    """Return the role of the first group in the setting that a person is in."""
    roles = (role for group, role in configured_oidc().group_roles if group in groups)
    return next(roles, Role.NO_ROLE)


def _give_role(person: User, role: str) -> None:
    """Give a person the role of their groups; the parts that they look after stay."""
    before = Role(person.role)
    if before == role:
        return
    person.role = role
    person.save(update_fields=["role"])
    audit.record(
        by=None,
        instead=BY_SIGN_ON,
        action="changed a person",
        on=record_of(person),
        role={"from": before.label, "to": Role(role).label},
        why="groups",
    )
