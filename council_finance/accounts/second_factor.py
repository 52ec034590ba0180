"""The second factor of a log-in: codes that an app calculates from the time (TOTP, RFC 6238).

django-otp stores each person's key and the time step of the last code that was accepted, in the
database: a code that was used is refused in every web process. It also doubles the wait after each
wrong code, for the person and not for the address: whoever tries codes knows the password.
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
"""Letters and digits that do not look like another; 5 bits each."""
_PARTS, _PART = 4, 4
_DIGITS = 6
WRONG = ""
"""A wrong code. It is not raised: that would undo the count of wrong codes."""
BY_APP, BY_RECOVERY_CODE = "password and code", "password and recovery code"


@dataclass(frozen=True)
class Enrolment:
    """A key that is not confirmed yet, for an app to scan or for people to type."""

    key: str
    username: str

    @property
    def device(self) -> TOTPDevice:
        """The device that the key belongs to once a code has confirmed it; not stored."""
        return TOTPDevice(user=User(username=self.username), key=self.key, name="app")

    @property
    def secret(self) -> str:
        """The key in groups of four letters, for people to type."""
        text = b32encode(bytes.fromhex(self.key)).decode().rstrip("=")
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    @property
    def picture(self) -> str:
        """The QR code as SVG within the page: no style, no script, nothing fetched."""
        code = segno.make(self.device.config_url, error="m", micro=False)
        svg = code.svg_inline(
            scale=5,
            border=4,
            dark="#0b0c0c",
            light="#ffffff",
            omitsize=True,
            svgclass="qr-code",
            lineclass=None,
        )
        return str(svg)


def new_key() -> str:
    """Return a random key of 160 bits, as hexadecimal digits."""
    return str(random_hex(20))


def is_required(user: User) -> bool:
    """Return whether the person's role must have a second factor."""
    return "all" in settings.SECOND_FACTOR_ROLES or user.role in settings.SECOND_FACTOR_ROLES


def has_second_factor(user: User) -> bool:
    """Return whether the person logs in with a code after the password."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def codes_left(user: User) -> int:
    """Return the number of recovery codes that the person has not used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def check_code(*, user: User, code: str) -> str:
    """Accept a code of the app, or a recovery code, once. Return which it was, else WRONG.

    Raises Refused for a code of the app during the wait after wrong ones. Of two requests at once
    with the same code, one gets WRONG.
    """
    plain = "".join(code.split()).replace("-", "").casefold()
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        raise Refused("There is no second factor for this account.")
    if _is_of_an_app(plain):
        return _check_code_of_app(device, plain)
    digest = _code_digest(user, plain)
    matching = RecoveryCode.objects.filter(user=user, digest=digest, used_at=None)
    if matching.update(used_at=timezone.now()):
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

    Return the recovery codes, which are shown once. Every other session of the person ends.
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
    """Make new recovery codes in place of the old ones. Return them, to be shown once."""
    audit.record(by=user, action="made new recovery codes", on=record_of(user))
    return _new_codes(user)


@transaction.atomic
def turn_off(*, user: User) -> None:
    """Turn one's own second factor off. Raises Refused where the role must have one."""
    if is_required(user):
        raise Refused(
            f"The council asks for a second factor of everybody who is {user.get_role_display()}."
        )
    _delete_factors(user)
    audit.record(by=user, action="turned off the second factor", on=record_of(user))


@transaction.atomic
def reset_second_factor(*, person: User, by: User | None) -> None:
    """Remove the second factor of somebody who has lost it; their sessions end.

    Raises Refused where they have none.
    """
    if not has_second_factor(person):
        raise Refused(f"{person.name} has no second factor.")
    _delete_factors(person)
    end_sessions(person)
    audit.record(by=by, action="reset the second factor", on=record_of(person))


def reset_second_factor_of(*, username: str, by: User | None) -> User:
    """Do `reset_second_factor` by user name. Raises Refused where nobody has that name."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise Refused(f"There is no person with the user name {username}.")
    reset_second_factor(person=person, by=by)
    return person


def _delete_factors(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_code_digest(user, code.replace("-", ""))) for code in codes
    )
    return codes


def _random_code() -> str:
    """Return 80 random bits as four groups of letters."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_PART)) for _ in range(_PARTS))


def _code_digest(user: User, plain: str) -> str:
    return hashlib.sha256(f"{user.pk} {plain}".encode()).hexdigest()
