"""Keep files in PostgreSQL as they are sent: they are compressed already.

To try it again took the database as long as writing them. What is stored stays as it is.
"""

from django.db import migrations

_TABLES = ("monitoring_upload", "monitoring_replacedrows", "monitoring_uploadorigins")


def _storage(kind):
    def change(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for table in _TABLES:
                schema_editor.execute(f"ALTER TABLE {table} ALTER content SET STORAGE {kind}")

    return change


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0035_exempt_lines_of_year")]

    operations = [migrations.RunPython(_storage("EXTERNAL"), _storage("EXTENDED"))]
