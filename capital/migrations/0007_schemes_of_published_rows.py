from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_schemes(apps, schema_editor):
    """Give the rows of published reports the schemes of their years with the same references."""
    alias = schema_editor.connection.alias
    schemes = apps.get_model('capital', 'CapitalScheme').objects.using(alias)
    rows = apps.get_model('capital', 'PublishedScheme').objects.using(alias)
    reports = apps.get_model('monitoring', 'Report').objects.using(alias)
    for report, year in reports.order_by().values_list('pk', 'period__year'):
        same = schemes.filter(year=year, reference=OuterRef('reference')).order_by()
        rows.filter(report=report).update(scheme=Subquery(same.values('pk')))


class Migration(migrations.Migration):

    dependencies = [
        ('capital', '0006_sums_from_indexes'),
    ]

    operations = [
        migrations.RunPython(name_schemes, migrations.RunPython.noop),
    ]
