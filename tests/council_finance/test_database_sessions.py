"""What each session with the database is told when it begins."""

import contextlib

from django.db import connection


def test_a_session_of_postgresql_begins_without_compiling(db):
    said = []

    def note(execute, sql, *rest):
        said.append(sql)
        return execute(sql, *rest)

    with contextlib.closing(connection.copy()) as session, session.execute_wrapper(note):
        session.connect()
    assert ("SET jit = off" in said) == (connection.vendor == "postgresql")
