"""The settings of a council's year that apps register: fields, check, and preview of a change."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from council_finance.money import NotAnAmount, is_amount, parse_amount
from council_finance.registry.order import Register
from council_finance.registry.settings_fields import SettingsField


class SettingsError(ValueError):
    """Settings that cannot be used; the message says which key and what it may be."""


class SettingsTable(NamedTuple):
    """Settings that belong together: keys of one table of pack.toml.

    Several may share a table of pack.toml (`table`), each with its own `fields`. With `more_keys`
    it takes other keys too, such as conditions, and checks them itself. With `by_statement` a
    statement may have other values, in a table of its own under the statement's name.

    `read` takes the keys and values given, checks them and returns the value that code reads; it
    raises `SettingsError`.
    """

    name: str
    title: str
    table: str
    fields: tuple[SettingsField, ...]
    read: Callable[[Mapping[str, object]], Any]
    more_keys: bool = False
    by_statement: bool = False
    after: str = ""

    @property
    def takes_any_key(self) -> bool:
        """Return True where `read` checks the keys itself."""
        return self.more_keys or self.by_statement


class PreviewTable(NamedTuple):
    """A table of what would change, in texts as they would be read. The first column names rows."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> tuple[tuple[str, bool], ...]:
        """Return each heading, and whether its column holds figures alone."""
        return tuple(
            (heading, place > 0 and all(_is_figure(row[place]) for row in self.rows))
            for place, heading in enumerate(self.headings)
        )

    @property
    def cells(self) -> tuple[tuple[tuple[str, bool], ...], ...]:
        """Return the texts of each row, and whether they are in a column of figures."""
        figures = [is_figure for _, is_figure in self.columns]
        return tuple(tuple(zip(row, figures, strict=True)) for row in self.rows)


def _is_figure(text: str) -> bool:
    """Return whether a text is blank, or an amount or percentage as reports print them."""
    return is_amount(text.replace("%", ""))


class SettingsPreview(NamedTuple):
    """The effect that other settings would have on a report, in sentences and tables."""

    sentences: tuple[str, ...] = ()
    tables: tuple[PreviewTable, ...] = ()


PreviewFunction = Callable[[Any, Any], SettingsPreview]
YearPreviewFunction = Callable[[int, Any], SettingsPreview]

_settings: Register[SettingsTable] = Register("settings table", "settings_tables")
_previews: Register[PreviewFunction] = Register("preview of settings", "settings_previews")
_year_previews: Register[YearPreviewFunction] = Register("preview of a year", "settings_previews")


def register_settings_table(table: SettingsTable) -> None:
    """Add settings to those that a pack may give, and that every year has."""
    _settings.add(table.name, table, after=table.after)


def settings_tables() -> dict[str, SettingsTable]:
    """Return the registered settings by name, in the order of their pages."""
    return _settings.in_order()


def settings_preview(name: str) -> Callable[[PreviewFunction], PreviewFunction]:
    """Register `preview(report, value)`: the effect of another value of the settings of that name.

    `report` is the data of a draft or published report, with the settings now in force; `value` is
    as `read` returns it. Raise `ValueError` where the settings have a preview already.
    """

    def register(function: PreviewFunction) -> PreviewFunction:
        _previews.add(name, function)
        return function

    return register


def year_preview(name: str) -> Callable[[YearPreviewFunction], YearPreviewFunction]:
    """Register `preview(start, value)`: what a value of settings that need no figures gives.

    `start` is the calendar year in which the financial year begins, `value` as `read` returns it.
    Raise `ValueError` where the settings have a preview already.
    """

    def register(function: YearPreviewFunction) -> YearPreviewFunction:
        _year_previews.add(name, function)
        return function

    return register


def preview_of_year(name: str, start: int, value: Any) -> SettingsPreview | None:
    """Return what a value gives in a year; None where the preview needs a report or is missing."""
    function = _year_previews.in_order().get(name)
    return None if function is None else function(start, value)


def has_preview(name: str) -> bool:
    """Return whether a preview of the settings of that name is registered."""
    return name in _previews


def preview_settings(name: str, report: Any, value: Any) -> SettingsPreview:
    """Return the effect of a value on a report; an empty one where no preview is registered."""
    function = _previews.in_order().get(name)
    return SettingsPreview() if function is None else function(report, value)


def pack_tables() -> list[str]:
    """Return the names of the tables of a pack.toml that are settings."""
    return list(dict.fromkeys(each.table for each in settings_tables().values()))


def read_values(data: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of each of the registered settings by its name.

    Raise `SettingsError` where a value is wrong or a key is not known.
    """
    by_table: dict[str, list[SettingsTable]] = {}
    for each in settings_tables().values():
        by_table.setdefault(each.table, []).append(each)
    given = {name: _given_table(data, name) for name in by_table}
    for name, table in given.items():
        sharing = by_table[name]
        if table and not any(each.takes_any_key for each in sharing):
            known = [field.key for each in sharing for field in each.fields]
            refuse_unknown_keys(table, sorted(known), f"[{name}]")
    return {
        each.name: each.read(_own_keys(each, given[each.table]))
        for each in settings_tables().values()
    }


def _given_table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        raise SettingsError(f"[{name}] must be a table of keys.")
    return table


def _own_keys(settings: SettingsTable, table: Mapping[str, object]) -> Mapping[str, object]:
    if not table:
        return {}
    own = {field.key for field in settings.fields}
    return {key: table[key] for key in table if settings.takes_any_key or key in own}


def values_of(settings: SettingsTable, data: Mapping[str, object]) -> dict[str, object]:
    """Return the keys and values that these settings have in a council's settings."""
    return dict(_own_keys(settings, _given_table(data, settings.table)))


def with_values(
    settings: SettingsTable, data: Mapping[str, object], values: Mapping[str, object]
) -> dict[str, object]:
    """Return a council's settings with these keys and values in place of a table's own.

    Keys that another registration shares the table of pack.toml for stay as they are.
    """
    own = values_of(settings, data)
    table = _given_table(data, settings.table)
    others = {key: value for key, value in table.items() if key not in own}
    rest = {name: value for name, value in data.items() if name != settings.table}
    together = {**others, **values}
    return {**rest, settings.table: together} if together else rest


def refuse_unknown_keys(table: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise `SettingsError` for a key that is not known, which is most often a typing error."""
    known = tuple(known)
    for key in table:
        if key not in known:
            raise SettingsError(
                f"{where}: there is no key “{key}”. The keys are: {', '.join(known)}."
            )


def read_pounds(value: object, where: str) -> int:
    """Return a number of pounds in pence. Raise `SettingsError` where it is none."""
    try:
        pence = parse_amount(value) if isinstance(value, int | float) else None
    except NotAnAmount as fault:
        raise SettingsError(f"{where} cannot be {value}: {fault}.") from fault
    if pence is None:
        raise SettingsError(f"{where} must be a number of pounds.")
    return pence
