"""The services about people: add them, change their rights, give them a link to log in."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import Role, User
from council_finance.accounts.passwords import may_use_password
from council_finance.accounts.services import end_sessions, one_time_link, record_of
from council_finance.accounts.tokens.services import revoke_tokens
from council_finance.errors import Refused
from monitoring.people.models import TreeRight
from monitoring.people.selectors.people import (
    is_erased,
    known_codes,
    parts_fault,
    parts_of,
)

_LABELS = {
    "username": "User name",
    "first_name": "Name",
    "last_name": "Name",
    "email": "E-mail",
    "role": "Role",
}


def make_person(
    *, username: str, name: str, email: str, role: str, parts: Iterable[str], by: User | None
) -> User:
    """Add a person without a password: a one-time link lets them set one. Raise `Refused`."""
    username, codes = username.strip(), sorted(set(parts))
    taken = User.objects.values_list("username", flat=True)
    if username.casefold() in {each.casefold() for each in taken}:
        raise Refused(_username_taken(username))
    user = User(username=username, email=email.strip(), role=role)
    user.first_name, user.last_name = _first_and_last(name)
    user.set_unusable_password()
    _refuse_invalid(user)
    _refuse_misplaced_parts(user.role, codes)
    try:
        with transaction.atomic():
            user.save()
            _set_parts(user, codes)
            audit.record(
                by=by, action="made a person", on=record_of(user), **_describe_person(user)
            )
    except IntegrityError as error:  # someone else made the same person just now
        raise Refused(_username_taken(username)) from error
    return user


@transaction.atomic
def change_person(
    *,
    person: User,
    name: str,
    email: str,
    role: str,
    parts: Iterable[str],
    active: bool,
    by: User | None,
) -> list[str]:
    """Change a person's details and rights, and return the names of what changed.

    A person whose account is closed is logged out and their tokens are revoked at once; another
    role counts from the next
    request. Raise `Refused` where nothing may be changed so.
    """
    administrators = locked_administrators()
    person = User.objects.select_for_update().get(pk=person.pk)
    before = _describe_person(person)
    if is_erased(person):
        raise Refused("This person is erased: nothing of them can be changed. Make a new person.")
    was_administrator = person.pk in administrators
    person.first_name, person.last_name = _first_and_last(name)
    person.email, person.role, person.is_active = email.strip(), role, active
    _refuse_invalid(person)
    codes = sorted(set(parts))
    _refuse_misplaced_parts(role, codes, had=before["parts"])
    if was_administrator and not (active and role == Role.ADMINISTRATOR):
        refuse_to_leave_none(person, administrators, by)
    person.save()
    _set_parts(person, codes)
    if not active:
        end_sessions(person)
        revoke_tokens(person=person, by=by, now=timezone.now())
    after = _describe_person(person)
    changes: dict[str, Any] = {
        key: {"from": before[key], "to": after[key]} for key in after if before[key] != after[key]
    }
    if changes:
        audit.record(by=by, action="changed a person", on=record_of(person), **changes)
    return list(changes)


@transaction.atomic
def give_link(*, person: User, by: User | None) -> str:
    """Return the path of a new one-time link. Raise `Refused` where the account is closed.

    Where the person has no password yet, earlier links stop working.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise Refused(f"{person.name} is not active. Make them active first, then give a link.")
    if not may_use_password(person):
        raise Refused(
            "Passwords are closed by the setting PASSWORDS_ONLY_FOR: everybody else logs in by"
            " single sign-on."
        )
    if not person.has_usable_password():
        person.set_unusable_password()
        person.save(update_fields=["password"])
    audit.record(by=by, action="gave a link to set a password", on=record_of(person))
    return one_time_link(person)


def _describe_person(person: User) -> dict[str, Any]:
    return {
        "name": person.get_full_name(),
        "email": person.email,
        "role": Role(person.role).label,
        "parts": parts_of(person),
        "active": person.is_active,
    }


def _first_and_last(name: str) -> tuple[str, str]:
    """Return a name in Django's two fields, which together are the whole of it."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return first, last


def _set_parts(person: User, codes: list[str]) -> None:
    TreeRight.objects.filter(user=person).exclude(service_code__in=codes).delete()
    held = set(parts_of(person))
    TreeRight.objects.bulk_create(
        TreeRight(user=person, service_code=code) for code in codes if code not in held
    )


def locked_administrators() -> set[int]:
    """Return and lock the administrators, so that two cannot take each other's role at once."""
    rows = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def refuse_to_leave_none(person: User, administrators: set[int], by: User | None) -> None:
    """Refuse to end an administrator's account where it is one's own or the last one."""
    if by is not None and by.pk == person.pk:
        raise Refused(
            "You cannot take the administrator’s role from yourself, nor close your own account. "
            "Another administrator can."
        )
    if administrators == {person.pk}:
        raise Refused(
            f"{person.name} is the last administrator who may log in. Make another one first."
        )


def _refuse_misplaced_parts(role: str, codes: list[str], had: Iterable[str] = ()) -> None:
    if fault := parts_fault(role, codes):
        raise Refused(fault)
    if unknown := set(codes) - set(had) - known_codes(codes):
        raise Refused(*(f"There is no service with the code {code}." for code in sorted(unknown)))


def _refuse_invalid(user: User) -> None:
    try:
        user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Refused(
            *(
                f"{_LABELS[field]}: {message}"
                for field, messages in error.message_dict.items()
                for message in messages
            )
        ) from error


def _username_taken(username: str) -> str:
    return (
        f"There is already a person with the user name {username}. Choose another one, or give "
        "that person a new link on the page People."
    )
