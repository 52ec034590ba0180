from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("monitoring", "0014_layout_first_versions")]

    operations = [migrations.RemoveField(model_name="layout", name="definition")]
