"""Give each layout its definition as version 1, and each upload the layout it was read with.

Who saved a layout, and when, is in the audit trail. An upload keeps its own definition: it was read
with version 1 where that is the same, and with an earlier version, which was not kept, otherwise.
"""

from django.db import migrations


def keep_first_versions(apps, schema_editor):
    Layout = apps.get_model("monitoring", "Layout")
    LayoutVersion = apps.get_model("monitoring", "LayoutVersion")
    Upload = apps.get_model("monitoring", "Upload")
    AuditEntry = apps.get_model("council_finance", "AuditEntry")
    for layout in Layout.objects.all():
        entries = AuditEntry.objects.filter(
            action="saved a layout", record=f"layout {layout.name}"
        )
        saved = entries.order_by("-pk").first()
        LayoutVersion.objects.create(
            layout=layout,
            number=1,
            definition=layout.definition,
            saved_by_id=saved.by_id if saved else None,
            saved_at=saved.at if saved else None,
        )
        uploads = Upload.objects.filter(kind=layout.kind, layout_name=layout.name)
        for pk, definition in uploads.values_list("pk", "layout"):
            number = 1 if definition == layout.definition else None
            Upload.objects.filter(pk=pk).update(saved_layout=layout, layout_version=number)


class Migration(migrations.Migration):

    dependencies = [
        ("monitoring", "0013_layout_versions"),
        ("council_finance", "0001_initial"),
    ]

    operations = [migrations.RunPython(keep_first_versions)]
