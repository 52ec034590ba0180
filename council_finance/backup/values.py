"""Values as an archive has them: the same text for the same value, whichever the database.

Times are in UTC with microseconds, bytes in base64, JSON is a text with its names in order (as
PostgreSQL keeps no order of them). A kind of field that is not known here stops the back-up.
"""

import base64
import datetime
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import models

from council_finance.errors import Refused

Convert: TypeAlias = Callable[[Any], object]
AnyField: TypeAlias = "models.Field[Any, Any]"

_UTC = datetime.UTC
_PLAIN = (
    *(models.IntegerField, models.AutoField, models.CharField, models.TextField),
    models.GenericIPAddressField,
)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def column_field(field: AnyField) -> AnyField:
    """Return the field with a column's type: for a foreign key, the field that it points at."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def to_line(field: AnyField) -> Convert | None:
    """Return the function that turns a column's value into JSON's; None where none is needed."""
    field = column_field(field)
    for kind, convert in _TO_LINE.items():
        if isinstance(field, kind):
            return convert
    if isinstance(field, _PLAIN):
        return None
    raise TypeError(f"a back-up does not know how to keep {field!r}")


def from_line(field: AnyField) -> Convert | None:
    """Return the function that turns JSON's value back into the column's; None if not needed."""
    field = column_field(field)
    for kind, convert in _FROM_LINE.items():
        if isinstance(field, kind):
            return convert
    return None


def _bytes_to_line(value: bytes | memoryview) -> str:
    return base64.b64encode(bytes(value)).decode("ascii")


def _time_to_line(value: str | datetime.datetime) -> str:
    """Return a time in UTC: SQLite gives texts in UTC without a zone, PostgreSQL any zone."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    value = value.replace(tzinfo=_UTC) if value.tzinfo is None else value.astimezone(_UTC)
    return value.isoformat(timespec="microseconds")


def _json_to_line(value: str) -> str:
    """Return JSON with names in order, and fractions as PostgreSQL has them: without exponents."""
    fractions: list[_Fraction] = []

    def keep_exact(text: str) -> _Fraction:
        fractions.append(_Fraction(format(Decimal(text), "f")))
        return fractions[-1]

    found = json.loads(value, parse_float=keep_exact)
    if fractions:
        return _write_json(found)
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


class _Fraction(str):
    """A number with a fraction, as text that is written without quotation marks."""


class _JsonText(str):
    """A text that is JSON."""


def _write_json(value: object) -> str:
    if isinstance(value, _Fraction):
        return str(value)
    if isinstance(value, dict):
        parts = (f"{json.dumps(key)}:{_write_json(value[key])}" for key in sorted(value))
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write_json, value)) + "]"
    return json.dumps(value)


_TO_LINE: dict[type, Convert] = {
    models.BooleanField: bool,
    models.BinaryField: _bytes_to_line,
    models.DateTimeField: _time_to_line,
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


def for_sqlite(value: Any) -> Any:
    """Return a value as Django writes it into SQLite: times as text in UTC, UUIDs as digits."""
    if isinstance(value, datetime.datetime):
        return str(value.replace(tzinfo=None))
    return value.hex if isinstance(value, uuid.UUID) else value


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def for_copy(value: object) -> str:
    """Return a value in COPY's text format. Raises Refused for what PostgreSQL cannot store."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, str):
        if "\x00" in value or (isinstance(value, _JsonText) and _NUL.search(value)):
            raise Refused("a text has a NUL character in it, which PostgreSQL cannot keep")
        return value.translate(_ESCAPES)
    return str(value)
