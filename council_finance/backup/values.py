"""A row as a line of an archive: the same text for the same value, whatever database it is in.

Instants are in UTC with microseconds, bytes in base64, JSON is a text with its names in order (as
PostgreSQL keeps no order of them). A kind of field that is not known here stops the back-up.
"""

import base64
import datetime
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal

from django.db import models

from council_finance.errors import Refused

Convert = Callable[[object], object]

_UTC = datetime.UTC
_PLAIN = (
    *(models.IntegerField, models.AutoField, models.CharField, models.TextField),
    models.GenericIPAddressField,
)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def column_field(field: models.Field) -> models.Field:
    """The field that says what a column holds: of a key, that of what it points at."""
    while field.remote_field:
        field = field.target_field
    return field


def to_line(field: models.Field) -> Convert | None:
    """How a column's value becomes JSON's; None where it already is."""
    field = column_field(field)
    for kind, convert in _TO_LINE.items():
        if isinstance(field, kind):
            return convert
    if isinstance(field, _PLAIN):
        return None
    raise TypeError(f"a back-up does not know how to keep {field!r}")


def from_line(field: models.Field) -> Convert | None:
    """The way back, to what `adapted` takes."""
    field = column_field(field)
    for kind, convert in _FROM_LINE.items():
        if isinstance(field, kind):
            return convert
    return None


def _bytes_to_line(value) -> str:
    return base64.b64encode(bytes(value)).decode("ascii")


def _instant_to_line(value) -> str:
    """SQLite has texts in UTC without saying so; PostgreSQL any zone, and says which."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    value = value.replace(tzinfo=_UTC) if value.tzinfo is None else value.astimezone(_UTC)
    return value.isoformat(timespec="microseconds")


def _json_to_line(value) -> str:
    """Names in order; a fraction is written out as PostgreSQL does, without an exponent."""
    fractions = []

    def exactly(text: str) -> str:
        fractions.append(_Fraction(format(Decimal(text), "f")))
        return fractions[-1]

    found = json.loads(value, parse_float=exactly)
    if fractions:
        return _spell(found)
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


class _Fraction(str):
    """A number with a fraction, as text that is written without quotation marks."""


class _JsonText(str):
    """A text that is JSON."""


def _spell(value) -> str:
    if isinstance(value, _Fraction):
        return str(value)
    if isinstance(value, dict):
        parts = (f"{json.dumps(key)}:{_spell(value[key])}" for key in sorted(value))
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_spell, value)) + "]"
    return json.dumps(value)


_TO_LINE: dict[type, Convert] = {
    models.BooleanField: bool,
    models.BinaryField: _bytes_to_line,
    models.DateTimeField: _instant_to_line,
    models.DateField: str,
    models.JSONField: _json_to_line,
    models.UUIDField: lambda value: str(uuid.UUID(str(value))),
}
_FROM_LINE: dict[type, Convert] = {
    models.BinaryField: base64.b64decode,
    models.DateTimeField: datetime.datetime.fromisoformat,
    models.JSONField: _JsonText,
    models.UUIDField: uuid.UUID,
}


def for_sqlite(value: object) -> object:
    """As Django writes a value into SQLite: instants as text in UTC, a UUID in hexadecimal."""
    if isinstance(value, datetime.datetime):
        return str(value.replace(tzinfo=None))
    return value.hex if isinstance(value, uuid.UUID) else value


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def for_copy(value: object) -> str:
    """As COPY's text format has it. Raises Refused for what PostgreSQL cannot keep."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, str):
        if "\x00" in value or (isinstance(value, _JsonText) and _NUL.search(value)):
            raise Refused("a text has a NUL character in it, which PostgreSQL cannot keep")
        return value.translate(_ESCAPES)
    return str(value)
