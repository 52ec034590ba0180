"""Questions to the database that Django puts into SQL once in a process, and not for each page.

To turn a queryset into SQL takes Django 0.3 to 1 millisecond, longer than the database needs for
the answer. SQL depends on the models, the kind of database and the kinds of values alone, none of
which change while a process runs, so that nothing has to empty what is kept here. Answers are not
kept.
"""

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

Row = TypeVar("Row")
_Value = int | str

_LARGEST = 2**31
"""From here on a database may not take a whole number for a column; Django then finds no row."""


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
    """Have a function that returns a queryset return its rows, by SQL that is kept.

    Positional arguments are texts or whole numbers that the queryset compares something with as
    they are; one that it changes first, or that changes the SQL, raises `TypeError`. With any
    other, such as None, the queryset is asked in the ordinary way. Each keyword argument has few
    values, and for each there is SQL of its own.
    """
    kept: dict[tuple[Any, ...], _Prepared[Row]] = {}

    @functools.wraps(build)
    def ask(*values: Any, **choices: Any) -> list[Row]:
        if not all(_can_be_put_in(value) for value in values):
            return list(build(*values, **choices))
        kinds = tuple(type(value) for value in values)
        key = (kinds, frozenset(choices.items()))
        try:
            if key not in kept:
                kept[key] = _Prepared(functools.partial(build, **choices), kinds)
        except EmptyResultSet:  # Such as of no ids: Django knows that there is no such row.
            return []
        return kept[key].ask(values)

    return ask


def _can_be_put_in(value: object) -> bool:
    if type(value) is int:
        return abs(value) < _LARGEST
    return type(value) is str


class _Prepared(Generic[Row]):
    """The SQL of a queryset, and which of its parameters are the function's arguments."""

    def __init__(
        self, build: Callable[..., QuerySet[Any, Row]], kinds: tuple[type[_Value], ...]
    ) -> None:
        """Put the queryset into SQL twice, with different values in the places of arguments."""
        values, others = _stand_ins(kinds, 1), _stand_ins(kinds, 2)
        self._rows = build(*values)
        self._compiler = self._rows.query.get_compiler(self._rows.db)
        self._sql, self._parameters = self._compiler.as_sql()
        other = build(*others).query.get_compiler(self._rows.db).as_sql()
        pairs = list(zip(values, others, strict=True))
        self._arguments = {
            place: pairs.index(pair) if pair in pairs else -1
            for place, pair in enumerate(zip(self._parameters, other[1], strict=False))
            # As texts: what psycopg2 sends as JSON is never equal.
            if str(pair[0]) != str(pair[1])
        }
        if other[0] != self._sql or {*self._arguments.values()} != {*range(len(pairs))}:
            raise TypeError(f"{build} changes its arguments, or its SQL by them")
        columns = [column for column, *_ in self._compiler.select]
        found = self._compiler.get_converters(columns)
        self._converted = {place: column for place, (_, column) in found.items()}
        # It is its thread's own, and would stay open when the thread has ended.
        vars(self._compiler).pop("connection")

    def ask(self, values: Sequence[_Value]) -> list[Row]:
        """Return the rows for these arguments."""
        parameters = list(self._parameters)
        for place, argument in self._arguments.items():
            parameters[place] = values[argument]
        compiler = copy.copy(self._compiler)
        # The SQL is known, and the connection that of the thread which asks now.
        vars(compiler).update(connection=connections[self._rows.db])
        # What converts values belongs to it. Few columns need any, and Django would look at each.
        converters = {
            place: compiler.get_converters([column])[0] for place, column in self._converted.items()
        }
        vars(compiler).update(
            as_sql=lambda: (self._sql, tuple(parameters)), get_converters=lambda _: converters
        )
        rows = self._rows.all()
        vars(rows.query).update(get_compiler=lambda *_, **__: compiler)
        return list(rows)


def _stand_ins(kinds: tuple[type[_Value], ...], time: int) -> list[_Value]:
    """Return a value of each kind that no other argument has, nor this one the other time."""
    numbers = range(1_000 * time + 1, 1_000 * time + 1 + len(kinds))
    return [kind(number) for kind, number in zip(kinds, numbers, strict=True)]
