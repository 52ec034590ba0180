"""Positions on PostgreSQL: a part of the table for each year, made when it is first needed."""

from django.db import connection

from council_finance.partitions import has_parts, is_missing, make_part, part_of
from monitoring.models import Position
from tests.council_finance.test_schema import keep_positions_by_year

TABLE = Position._meta.db_table


def test_a_query_reads_its_year_alone(somerset, cambridgeshire):
    period = somerset.periods.get(number=3)
    plan = Position.objects.of_period(period).filter(line__gt=0).explain()
    own, others = (f" on {part_of(TABLE, year.pk)} " for year in (somerset, cambridgeshire))
    assert (own in plan) == has_parts(connection)
    assert others not in plan
    both = Position.objects.of_batches([somerset.pk, cambridgeshire.pk], [period.batch_id])
    assert (others in both.explain()) == has_parts(connection)


def test_a_year_has_a_part_once_it_has_rows(somerset):
    new = somerset.pk + 1_000
    assert not is_missing(connection, TABLE, somerset.pk)
    assert is_missing(connection, TABLE, new) == has_parts(connection)
    if has_parts(connection):
        make_part(connection, TABLE, new)
        make_part(connection, TABLE, new)
    assert not is_missing(connection, TABLE, new)
    assert not Position.objects.of(new, 1).exists()


def test_positions_of_an_earlier_version_are_kept_by_year(somerset, cambridgeshire):
    rows = list(Position.objects.order_by("pk").values())
    if has_parts(connection):  # on SQLite tests/council_finance/test_schema.py does it
        keep_positions_by_year("default")
    assert list(Position.objects.order_by("pk").values()) == rows
    assert {row["year_id"] for row in rows} == {somerset.pk, cambridgeshire.pk}
