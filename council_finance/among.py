"""A condition that a column is among many ids, sent to the database as one value."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    _Lookup = Lookup[str]
else:
    _Lookup = Lookup


class Among(_Lookup):
    """The SQL of `among`; its right side are the ids as `joined_ids` returns them.

    The database puts brackets around them, so that the value is sent as it is (prepared.py).
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the condition for SQLite, which reads the ids from JSON."""
        column, parameters = self.process_lhs(compiler, connection)
        condition = f"{column} IN (SELECT value FROM json_each('[' || %s || ']'))"
        return condition, (*parameters, self.rhs)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the condition for PostgreSQL, which takes an array."""
        column, parameters = self.process_lhs(compiler, connection)
        condition = f"{column} = ANY(string_to_array(%s, ',')::bigint[])"
        return condition, (*parameters, self.rhs)


def joined_ids(ids: Iterable[int]) -> str:
    """Return ids as one value, with commas between them."""
    return ",".join(map(str, ids))


def among(column: str, ids: Iterable[int] | str) -> Among:
    """Return the condition that a column has one of these ids, for `filter`.

    They may be joined already (joined_ids), as for a question that is prepared.

    Django's `__in` takes each id through several functions, three milliseconds for 500 of them, and
    databases take only so many values.
    """
    return Among(F(column), ids if isinstance(ids, str) else joined_ids(ids))
