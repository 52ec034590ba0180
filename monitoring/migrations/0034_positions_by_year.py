"""Keep positions with the year of their batch, by which PostgreSQL has a part of the table each."""

import django.db.models.deletion
from django.db import migrations, models

from council_finance import partitions

_TABLE, _BEFORE = "monitoring_position", "monitoring_position_before"


def keep_by_year(apps, schema_editor):
    """Make the table anew and copy the rows, a year at a time. Raise where one has no year."""
    model, run = apps.get_model("monitoring", "Position"), schema_editor.execute
    # The new table's keys and indexes have these names; a later one has no such index (0037).
    run("DROP INDEX IF EXISTS position_batch_service")
    run(f"ALTER TABLE {_TABLE} RENAME TO {_BEFORE}")
    if partitions.has_parts(schema_editor.connection):
        run(f"ALTER INDEX {_TABLE}_pkey RENAME TO {_BEFORE}_pkey")
    partitions.create_table(schema_editor, model, "year_id")
    names = [field.column for field in model._meta.concrete_fields if field.column != "year_id"]
    alias = schema_editor.connection.alias
    columns, chosen = ", ".join(names), ", ".join(f"was.{name}" for name in names)
    batches = apps.get_model("monitoring", "Batch").objects.using(alias).order_by("period__year")
    for year in batches.values_list("period__year", flat=True).distinct():
        partitions.make_part(schema_editor.connection, _TABLE, year)
        run(
            f"INSERT INTO {_TABLE} (year_id, {columns}) SELECT period.year_id, {chosen} "
            f"FROM {_BEFORE} was JOIN monitoring_batch batch ON batch.id = was.batch_id "
            f"JOIN monitoring_period period ON period.id = batch.period_id "
            f"WHERE period.year_id = {year:d} ORDER BY was.batch_id, was.line_id"
        )
    _refuse_lost_rows(schema_editor.connection)
    run(f"DROP TABLE {_BEFORE}")


def _refuse_lost_rows(connection):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (SELECT COUNT(*) FROM {_BEFORE}) - (SELECT COUNT(*) FROM {_TABLE})")
        if lost := cursor.fetchone()[0]:
            raise RuntimeError(f"{lost} rows of {_TABLE} belong to no batch of a period")


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0033_mails_of_feed")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="position",
                    name="year",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="monitoring.financialyear",
                    ),
                    preserve_default=False,
                ),
                migrations.AlterField(
                    model_name="position",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "year_id",
                        "batch_id",
                        "line_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ]
        ),
        migrations.RunPython(keep_by_year),
    ]
