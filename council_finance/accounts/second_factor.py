"""The second factor of a log-in: codes that an app works out from the time (TOTP, RFC 6238).

django-otp keeps each person's key and the step of the last code that was taken, in the database: a
code that was used is refused in every web process. It also makes each wrong code wait twice as long
as the one before, for a person and not for an address: who tries codes knows the password.
"""

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from council_finance import audit
from council_finance.accounts.models import RecoveryCode, User
from council_finance.accounts.services import end_sessions, record_of
from council_finance.errors import Refused

RECOVERY_CODES = 10
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that look like another: 5 bits a letter."""
_PARTS, _PART = 4, 4
_DIGITS = 6
WRONG = ""
"""A wrong code. It is no error, which would undo the count of wrong ones."""
BY_APP, BY_RECOVERY_CODE = "password and code", "password and recovery code"


@dataclass(frozen=True)
class Enrolment:
    """A key that is not confirmed yet, as an app takes it: a picture, or typed."""

    key: str
    username: str

    @property
    def device(self) -> TOTPDevice:
        """The device that it becomes once a code of it was given; not stored."""
        return TOTPDevice(user=User(username=self.username), key=self.key, name="app")

    @property
    def secret(self) -> str:
        """The key as people type it, four letters at a time."""
        text = b32encode(bytes.fromhex(self.key)).decode().rstrip("=")
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    @property
    def picture(self) -> str:
        """The QR code as SVG that stands in the page: no style, no script, nothing fetched."""
        code = segno.make(self.device.config_url, error="m", micro=False)
        return code.svg_inline(
            scale=5,
            border=4,
            dark="#0b0c0c",
            light="#ffffff",
            omitsize=True,
            svgclass="qr-code",
            lineclass=None,
        )


def new_key() -> str:
    """A random key of 160 bits, as hexadecimal digits."""
    return random_hex(20)


def is_required(user: User) -> bool:
    """Whether the person's role must have a second factor."""
    return "all" in settings.SECOND_FACTOR_ROLES or user.role in settings.SECOND_FACTOR_ROLES


def has_second_factor(user: User) -> bool:
    """Whether a code is asked for after the person's password."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def codes_left(user: User) -> int:
    """How many recovery codes the person has not used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def check_code(*, user: User, code: str) -> str:
    """Take a code of the app, or a recovery code, each once. Returns which it was, else WRONG.

    Raises Refused for a code of the app while wrong ones before it make it wait. Of two requests
    with one code at once, one is told that it is wrong.
    """
    plain = "".join(code.split()).replace("-", "").casefold()
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        raise Refused("There is no second factor for this account.")
    if _is_of_an_app(plain):
        return _check_code_of_app(device, plain)
    taken = RecoveryCode.objects.filter(user=user, digest=_digest(user, plain), used_at=None)
    if taken.update(used_at=timezone.now()):
        device.throttle_reset()
        return BY_RECOVERY_CODE
    return WRONG


def _is_of_an_app(plain: str) -> bool:
    return len(plain) == _DIGITS and plain.isascii() and plain.isdigit()


def _check_code_of_app(device: TOTPDevice, plain: str) -> str:
    allowed, why = device.verify_is_allowed()
    if not allowed:
        until = timezone.localtime(why["locked_until"])
        raise Refused(
            f"After several wrong codes you must wait until {until:%H:%M:%S}. A recovery code is "
            "taken at once."
        )
    return BY_APP if device.verify_token(plain) else WRONG


@transaction.atomic
def turn_on(*, user: User, key: str, code: str, session_key: str) -> list[str]:
    """Turn the second factor on, with a first code that shows that the app has the key.

    Returns the recovery codes, which are shown once. Every other session of the person ends.
    Raises Refused for a wrong code, or where a second factor is on.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if has_second_factor(user):
        raise Refused("A second factor is on already. Turn it off before you set up another.")
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice(user=user, key=key, name="app", confirmed=True)
    plain = "".join(code.split())
    if not _is_of_an_app(plain) or not device.verify_token(plain):
        raise Refused(
            "The code is wrong. Enter the six digits that the app shows now; if they are, set the "
            "clock of your phone to the right time."
        )
    end_sessions(user, but=session_key)
    audit.record(by=user, action="turned on a second factor", on=record_of(user))
    return _new_codes(user)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Make new recovery codes; those of before end. Returns them, to be shown once."""
    audit.record(by=user, action="made new recovery codes", on=record_of(user))
    return _new_codes(user)


@transaction.atomic
def turn_off(*, user: User) -> None:
    """Turn one's own second factor off. Raises Refused where the role must have one."""
    if is_required(user):
        raise Refused(
            f"The council asks for a second factor of everybody who is {user.get_role_display()}."
        )
    _forget(user)
    audit.record(by=user, action="turned off the second factor", on=record_of(user))


@transaction.atomic
def reset_second_factor(*, person: User, by: User | None) -> None:
    """Take away the second factor of somebody who has lost it; their sessions end.

    Raises Refused where they have none.
    """
    if not has_second_factor(person):
        raise Refused(f"{person.name} has no second factor.")
    _forget(person)
    end_sessions(person)
    audit.record(by=by, action="reset the second factor", on=record_of(person))


def reset_second_factor_of(*, username: str, by: User | None) -> User:
    """As `reset_second_factor`, by user name. Raises Refused where nobody has it."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise Refused(f"There is no person with the user name {username}.")
    reset_second_factor(person=person, by=by)
    return person


def _forget(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, code.replace("-", ""))) for code in codes
    )
    return codes


def _random_code() -> str:
    """80 random bits in four parts."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_PART)) for _ in range(_PARTS))


def _digest(user: User, plain: str) -> str:
    return hashlib.sha256(f"{user.pk} {plain}".encode()).hexdigest()
