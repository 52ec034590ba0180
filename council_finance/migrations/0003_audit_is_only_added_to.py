"""The database itself refuses to change or remove a row of the audit trail.

Django's own guard (council_finance.audit.AddedOnly) stops the product's code; these triggers stop
everything else that speaks to the database: SQL by hand, an admin tool, another program.

Statement triggers on PostgreSQL, so that even an UPDATE or DELETE that finds no row is told; SQLite
has row triggers only, and a third one for REPLACE, which there removes a row without a DELETE.
TRUNCATE is refused as well. So `manage.py flush`, and with it a test on Django's
TransactionTestCase, fails on either database: the suite has none, as such a test would also wipe
the packs that it loads once a session.

On SQLite a later migration that changes a column of this table makes the table anew, and loses the
triggers: such a migration must run `add` again (tests/monitoring/audit/test_audit_pages.py tells).
"""

from django.db import migrations

MESSAGE = "the audit trail is only ever added to"
TABLE = "council_finance_auditentry"

POSTGRESQL = (
    f"""
    CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()
    """,
)
SQLITE = (
    f"""
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
    f"""
    CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
    f"""
    CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON {TABLE}
    WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
)
ADD = {"postgresql": POSTGRESQL, "sqlite": SQLITE}
REMOVE = {
    "postgresql": (
        f"DROP TRIGGER audit_is_only_added_to ON {TABLE}",
        "DROP FUNCTION audit_is_only_added_to()",
    ),
    "sqlite": (
        "DROP TRIGGER audit_is_never_changed",
        "DROP TRIGGER audit_is_never_deleted",
        "DROP TRIGGER audit_is_never_replaced",
    ),
}


def add(apps, schema_editor):
    """Put the triggers on the table."""
    _run(ADD, schema_editor)


def remove(apps, schema_editor):
    """Take them off again."""
    _run(REMOVE, schema_editor)


def _run(statements, schema_editor):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('council_finance', '0002_audit_search'),
    ]

    operations = [migrations.RunPython(add, remove)]
