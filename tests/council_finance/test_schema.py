"""Migrations make the tables that the models describe, from which the tests' own are made."""

import re

import pytest
from django.db import connections

from tests import ready_databases
from tests.council_finance.backup.test_backup import known_as
from tests.made_tables import make_tables, note_migrations


@pytest.mark.slow
def test_migrations_make_the_tables_of_the_models(tmp_path, django_db_blocker):
    ready_databases.copy_file(tmp_path)
    with django_db_blocker.unblock(), known_as("models", f"sqlite:///{tmp_path}/models.sqlite3"):
        make_tables("models")
        note_migrations("models")
        by_models = _describe(connections["models"])
    with django_db_blocker.unblock(), known_as("migrations", f"sqlite:///{tmp_path}/db.sqlite3"):
        by_migrations = _describe(connections["migrations"])
    assert by_models.keys() == by_migrations.keys()
    for table, described in by_migrations.items():
        assert by_models[table] == described, table
    assert len(by_models) > 100


def _write_rule(name: str, rule: dict[str, object]) -> str:
    """Return a rule as text. Those without a name are numbered as the columns happen to stand."""
    shown = "" if re.match(r"__unnamed|fk_\d+$", name) else name
    return f"{shown} {sorted(rule.items())}"


def _describe(connection) -> dict[str, object]:
    """Return columns, keys, indexes and checks by table, and triggers and migrations."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT name, type, [notnull], pk FROM pragma_table_info('{table}')")
            columns = sorted(cursor.fetchall())
            rules = connection.introspection.get_constraints(cursor, table)
            found[table] = columns, sorted(_write_rule(*rule) for rule in rules.items())
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found["triggers"] = sorted(cursor.fetchall())
        cursor.execute("SELECT app, name FROM django_migrations")
        found["applied"] = sorted(cursor.fetchall())
    return found
