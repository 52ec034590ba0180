"""The state of the database's tables: missing migrations, and making them where there are none."""

import functools

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from council_finance.errors import Refused

MADE_BY_MIGRATING = ("django_content_type", "auth_permission")
"""Tables that migrating fills by itself, in a database that is empty otherwise."""


def applied(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Return the migrations that the database has had, by app and name."""
    return set(MigrationRecorder(connection).applied_migrations())


def missing(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Return the migrations of this version that the database has not had, by app and name."""
    return set(_known_migrations()) - applied(connection)


def make_tables() -> None:
    """Make the tables of a database that has none, or finish what a killed command began.

    A database with rows is left alone: upgrading it is the operator's decision. Raise `Refused`
    where tables were begun and cannot be finished.
    """
    there = set(connection.introspection.table_names())
    if not there:
        call_command("migrate", interactive=False, verbosity=0)
    elif _was_begun(there):
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise Refused(_BEGUN.format(name=connection.settings_dict["NAME"])) from error


_BEGUN = (
    "The making of this database’s tables was cut off and cannot be taken up. There are no rows in "
    "it. Make it anew, then run this command again: on PostgreSQL run dropdb {name}, and createdb "
    "as in the operator’s guide; on SQLite delete the file {name}."
)


def _was_begun(there: set[str]) -> bool:
    """Return whether making the tables was begun and cut off.

    That is so where some migrations of this version are missing, none is of another version, and
    no table has rows.
    """
    if MigrationRecorder.Migration._meta.db_table not in there:
        return False
    # Looking for rows comes first: it ends at the first table, and migrations take long to load.
    if any(_has_rows(name) for name in _product_tables() & there):
        return False
    return applied(connection) < _known_migrations()


def _product_tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models} - set(MADE_BY_MIGRATING)


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
        return cursor.fetchone() is not None


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
