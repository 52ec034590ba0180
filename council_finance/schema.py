"""Whether the database's tables are those of this version."""

import functools

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def applied(connection) -> set[tuple[str, str]]:
    """The migrations that the database has had: app and name."""
    return set(MigrationRecorder(connection).applied_migrations())


def missing(connection) -> set[tuple[str, str]]:
    """The migrations of this version that it has not had."""
    return set(_of_this_version()) - applied(connection)


@functools.cache
def _of_this_version() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
