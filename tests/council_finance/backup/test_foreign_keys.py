"""Foreign keys that a restore on PostgreSQL drops and makes anew."""

import pytest
from django.db import IntegrityError, connection, transaction

from council_finance.backup import foreign_keys
from council_finance.backup.tables import tables
from monitoring.models import BudgetLine, FinancialYear

pytestmark = pytest.mark.django_db


def test_all_come_back_as_they_were():
    names = [table.name for table in tables()]
    dropped = foreign_keys.drop(connection, names)
    assert bool(dropped) == (connection.vendor == "postgresql")
    assert foreign_keys.drop(connection, names) == []
    foreign_keys.make(connection, dropped)
    assert foreign_keys.drop(connection, names) == dropped


def test_a_row_that_points_at_nothing_is_found():
    year = FinancialYear.objects.create(start=2031, council="")
    with pytest.raises(IntegrityError), transaction.atomic():
        dropped = foreign_keys.drop(connection, [BudgetLine._meta.db_table])
        BudgetLine.objects.create(year=year, cost_centre="A", account="B", service_id=0)
        foreign_keys.make(connection, dropped)
        connection.check_constraints()  # where none was dropped
