"""Keep the lines of each service with a published report, in place of an index of positions."""

from collections import defaultdict

import django.db.models.deletion
from django.db import migrations, models


def keep_lines(apps, schema_editor):
    """Keep the lines of the reports published so far, as publishing one does."""
    alias = schema_editor.connection.alias
    model = {name: apps.get_model("monitoring", name) for name in ("Report", "ReportLines")}
    position = apps.get_model("monitoring", "Position")
    # A redacted version has those of the report that was published first.
    reports = model["Report"].objects.using(alias).filter(redaction_of=None).order_by("pk")
    rows = reports.values_list("pk", "batch", "period__year", "line_services")
    for report, batch, year, moved in rows.iterator(chunk_size=1):
        here = position.objects.using(alias).filter(year=year, batch=batch).order_by("line")
        lines = defaultdict(list)
        for line, given in here.values_list("line", "service").iterator(chunk_size=10_000):
            lines[moved.get(str(line), given)].append(str(line))
        model["ReportLines"].objects.using(alias).bulk_create(
            model["ReportLines"](report_id=report, service_id=service, lines=",".join(ids))
            for service, ids in lines.items()
        )


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0036_no_second_compression")]

    operations = [
        migrations.CreateModel(
            name="ReportLines",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lines", models.TextField()),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="monitoring.report",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="monitoring.service",
                    ),
                ),
            ],
            options={"verbose_name_plural": "lines of reports"},
        ),
        migrations.AddConstraint(
            model_name="reportlines",
            constraint=models.UniqueConstraint(
                fields=("report", "service"), name="lines_once_a_service"
            ),
        ),
        migrations.RunPython(keep_lines, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="position", name="position_batch_service"),
    ]
