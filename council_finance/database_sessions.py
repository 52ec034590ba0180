"""What each session with the database is told when it begins."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def switch_compiling_off(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Tell PostgreSQL to run queries without compiling them first.

    It compiles those that it expects to be long, which takes a tenth of a second; that of hundreds
    of thousands of fresh positions it expects of short ones too, until it has gathered statistics.
    It is said here and not with the connection's parameters, which poolers may refuse.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
