"""The tables of the tests' database, made from the models in one step.

A hundred migrations build the state of every model again and again, which would take each process
of the tests six seconds. They are run for real for the sites that tests start
(tests/ready_databases.py), and tests/council_finance/test_schema.py proves that they make the same
tables.
"""

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

NOT_IN_MODELS = (
    ("council_finance", "0003_audit_is_only_added_to"),
    ("council_finance", "0005_trail_permit"),
    ("monitoring", "0034_positions_by_year"),
    ("monitoring", "0036_no_second_compression"),
)
"""Migrations that add triggers, or have PostgreSQL keep a table in parts or files as they are."""


def make_tables(alias: str) -> None:
    """Make the tables of an empty database as Django makes those of the tests."""
    without = {app.label: None for app in apps.get_app_configs()}
    with override_settings(MIGRATION_MODULES=without):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)


def note_migrations(alias: str) -> None:
    """Note every migration as applied, after doing what no model describes."""
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    executor.recorder.ensure_schema()
    with connections[alias].schema_editor() as editor:
        for migration, _ in plan:
            if (migration.app_label, migration.name) in NOT_IN_MODELS:
                (added,) = (each for each in migration.operations if isinstance(each, RunPython))
                added.code(apps, editor)
    for migration, _ in plan:
        executor.recorder.record_applied(migration.app_label, migration.name)
