"""Keep typed planned use like typed forecasts, and what files of forecasts gave so far with it."""

from django.db import migrations, models
from django.db.models import Q

MEASURES = ("use_of_reserves", "use_of_capital_receipts")
REASON = "From a file of forecasts"


def enter_planned_use_of_files(apps, schema_editor):
    """Add an entry for each planned use that a file of forecasts gave in a period's figures.

    Published reports read entries up to a number, so that these do not change them.
    """
    entries = apps.get_model("monitoring", "ForecastEntry")
    positions = apps.get_model("monitoring", "Position")
    periods = apps.get_model("monitoring", "Period").objects.filter(batch__isnull=False)
    for period in periods.order_by("pk"):
        for measure in MEASURES:
            name = f"entered_{measure}_pence"
            given = positions.objects.filter(batch=period.batch_id, **{f"{name}__isnull": False})
            rows = given.order_by("line_id").values_list("line_id", name)
            entries.objects.bulk_create(
                [
                    entries(
                        period_id=period.pk,
                        line_id=line,
                        measure=measure,
                        previous_pence=pence,
                        forecast_pence=pence,
                        reason=REASON,
                    )
                    for line, pence in rows
                ],
                batch_size=1000,
            )


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0021_questions_before_figures")]

    operations = [
        migrations.AddField(
            model_name="forecastentry",
            name="measure",
            field=models.CharField(
                choices=[
                    ("forecast", "Forecast"),
                    ("use_of_reserves", "Planned use of reserves"),
                    ("use_of_capital_receipts", "Planned use of capital receipts"),
                ],
                default="forecast",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="forecastentry",
            name="tied_to",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.RemoveIndex(model_name="forecastentry", name="forecast_by_line"),
        migrations.AddIndex(
            model_name="forecastentry",
            index=models.Index(fields=["period", "line", "measure"], name="entry_by_line"),
        ),
        migrations.AddConstraint(
            model_name="forecastentry",
            constraint=models.CheckConstraint(
                condition=Q(
                    measure__in=["forecast", "use_of_reserves", "use_of_capital_receipts"]
                ),
                name="entry_measure_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="forecastentry",
            constraint=models.CheckConstraint(
                condition=Q(tied_to="") | ~Q(measure="forecast") & Q(forecast_pence__isnull=False),
                name="only_planned_use_is_tied",
            ),
        ),
        migrations.RunPython(enter_planned_use_of_files, migrations.RunPython.noop),
    ]
