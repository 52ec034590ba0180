"""Find a year's lines in the order of their ids, in place of an index by the year alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0037_lines_of_reports")]

    operations = [
        migrations.AlterField(
            model_name="budgetline",
            name="year",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="monitoring.financialyear",
            ),
        ),
        migrations.AddIndex(
            model_name="budgetline",
            index=models.Index(fields=["year", "id"], name="lines_of_year"),
        ),
    ]
