"""The audit trail may be changed in two ways, and the database itself holds them to that.

While a permit is in its table (council_finance.trail makes and removes one within a transaction),
old entries may be deleted, and the names and texts of entries changed. Else, and in every other
way, the triggers refuse as before.
"""

from django.db import migrations, models

MESSAGE = "the audit trail is only ever added to"
TABLE = "council_finance_auditentry"
PERMIT = "council_finance_trailpermit"

POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM {PERMIT} WHERE kind = 'retention') THEN
            RETURN NULL;
        ELSIF TG_OP = 'UPDATE' AND EXISTS (SELECT 1 FROM {PERMIT} WHERE kind = 'erasure') THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION audit_keeps_what_is_not_permitted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at < now() - interval '365 days' AND EXISTS (
                SELECT 1 FROM {PERMIT} WHERE kind = 'retention' AND OLD.at < before
            ) THEN
                RETURN OLD;
            END IF;
        ELSIF (NEW.id, NEW.at, NEW.by_id, NEW.action)
            IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.by_id, OLD.action) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER audit_keeps_what_is_not_permitted BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_keeps_what_is_not_permitted()
    """,
)
SQLITE = (
    "DROP TRIGGER audit_is_never_changed",
    "DROP TRIGGER audit_is_never_deleted",
    f"""
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON {TABLE}
    WHEN NOT EXISTS (SELECT 1 FROM {PERMIT} WHERE kind = 'erasure')
        OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at
        OR NEW.by_id IS NOT OLD.by_id OR NEW.action IS NOT OLD.action
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
    f"""
    CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON {TABLE}
    WHEN OLD.at >= datetime('now', '-365 days') OR NOT EXISTS (
        SELECT 1 FROM {PERMIT} WHERE kind = 'retention' AND OLD.at < before
    )
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
)
# As the migration before left them.
BACK = {
    "postgresql": (
        f"DROP TRIGGER audit_keeps_what_is_not_permitted ON {TABLE}",
        "DROP FUNCTION audit_keeps_what_is_not_permitted()",
        f"""
        CREATE OR REPLACE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
        END $$
        """,
    ),
    "sqlite": (
        "DROP TRIGGER audit_is_never_changed",
        "DROP TRIGGER audit_is_never_deleted",
        f"""
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
        """,
        f"""
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
        """,
    ),
}


def permit(apps, schema_editor):
    """Let the triggers ask for a permit."""
    _run({"postgresql": POSTGRESQL, "sqlite": SQLITE}, schema_editor)


def forbid(apps, schema_editor):
    """Have them refuse everything again."""
    _run(BACK, schema_editor)


def _run(statements, schema_editor):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('council_finance', '0004_upkeep'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrailPermit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('retention', 'Removing old entries'), ('erasure', 'Erasing a person')], max_length=10)),
                ('before', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('before__isnull', False), ('kind', 'retention')), models.Q(('before__isnull', True), ('kind', 'erasure')), _connector='OR'), name='permit_is_for_an_age_or_a_name')],
            },
        ),
        migrations.RunPython(permit, forbid),
    ]
