"""Remove the columns of positions whose figures are entries now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0022_planned_use_entries")]

    operations = [
        migrations.RemoveField(
            model_name="position", name="entered_use_of_capital_receipts_pence"
        ),
        migrations.RemoveField(model_name="position", name="entered_use_of_reserves_pence"),
    ]
