"""Migrations make the tables that the models describe, from which the tests' own are made."""

import importlib
import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from monitoring.models import FinancialYear, Position
from tests import ready_databases
from tests.council_finance.backup.test_backup import fill, known_as
from tests.made_tables import make_tables, note_migrations


@pytest.mark.slow
def test_migrations_make_the_tables_of_the_models(tmp_path, django_db_blocker):
    ready_databases.copy_file(tmp_path)
    with django_db_blocker.unblock(), known_as("models", f"sqlite:///{tmp_path}/models.sqlite3"):
        make_tables("models")
        note_migrations("models")
        by_models = _describe(connections["models"])
        _check_that_positions_get_their_year("models")
    with django_db_blocker.unblock(), known_as("migrations", f"sqlite:///{tmp_path}/db.sqlite3"):
        by_migrations = _describe(connections["migrations"])
    assert by_models.keys() == by_migrations.keys()
    for table, described in by_migrations.items():
        assert by_models[table] == described, table
    assert len(by_models) > 100


def _check_that_positions_get_their_year(alias: str) -> None:
    """Run the migration over rows of an earlier version."""
    fill(alias)
    rows = list(Position.objects.using(alias).order_by("pk").values())
    assert len(rows) == 3
    keep_positions_by_year(alias)
    assert list(Position.objects.using(alias).order_by("pk").values()) == rows
    assert {row["year_id"] for row in rows} == {FinancialYear.objects.using(alias).get().pk}


def keep_positions_by_year(alias: str) -> None:
    """Make the table of positions as an earlier version had it, and run the migration over it."""
    migration = importlib.import_module("monitoring.migrations.0034_positions_by_year")
    fields = Position._meta.concrete_fields
    names = ", ".join(field.column for field in fields if field.column != "year_id")
    with connections[alias].schema_editor() as editor:
        editor.execute(f"CREATE TABLE was AS SELECT {names} FROM monitoring_position")
        editor.execute("DROP TABLE monitoring_position")
        editor.execute("ALTER TABLE was RENAME TO monitoring_position")
        columns = "monitoring_position (batch_id, line_id)"
        editor.execute(f"CREATE UNIQUE INDEX monitoring_position_pkey ON {columns}")
        editor.execute(f"CREATE INDEX position_batch_service ON {columns}")
        migration.keep_by_year(apps, editor)


def _write_rule(name: str, rule: dict[str, Any]) -> str:
    """Return a rule as text. Those without a name are numbered as the columns happen to stand.

    So are the columns of a primary key; their order in it is told with the columns.
    """
    if rule["primary_key"]:
        rule = {**rule, "columns": sorted(rule["columns"])}
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
