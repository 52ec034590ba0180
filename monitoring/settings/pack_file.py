"""The pack.toml of a year's settings: reading and writing it. Pure.

`write_pack_file` writes one order and one spelling, so that a file that is written, read and
written again has the same bytes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomli_w

from council_finance import registry
from council_finance.errors import Refused
from council_finance.periods import NotAYear, financial_year_label, parse_financial_year
from council_finance.typed_text import holds_nul
from monitoring.structure.settings_order import order_settings

OF_PACKS = ("publish", "new_codes")
"""Keys that say how a pack is loaded; they are no settings."""

KEYS = ("council", "financial_year", *OF_PACKS)


@dataclass(frozen=True)
class PackFile:
    """What a pack.toml says of a year: its council, its beginning and its settings.

    `left_out` are its keys that are no settings.
    """

    council: str
    start: int
    settings: dict[str, Any]
    left_out: tuple[str, ...] = ()


def read_pack_keys(content: bytes) -> dict[str, Any]:
    """Return the keys of a pack.toml. Raise `Refused` where it cannot be read or has wrong keys."""
    try:
        data = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"pack.toml cannot be read: {error}.") from error
    if holds_nul(data):
        raise Refused("pack.toml has a NUL character in a text, which cannot be stored.")
    if unknown := sorted(set(data) - {*KEYS, *registry.pack_tables()}):
        raise Refused(f"pack.toml: there is no key “{unknown[0]}”.")
    for key in ("council", "financial_year"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise Refused(f"pack.toml gives no {key}.")
    return data


def year_of_pack(data: Mapping[str, Any]) -> int:
    """Return the year in which a pack's financial year begins. Raise `Refused` where it is none."""
    try:
        return parse_financial_year(data["financial_year"])
    except NotAYear as error:
        raise Refused(f"pack.toml: {error}") from error


def settings_of_pack(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of a pack.toml that are settings."""
    return {key: value for key, value in data.items() if key not in KEYS}


def read_pack_file(content: bytes) -> PackFile:
    """Return what a pack.toml says of a year. Raise `Refused` where its settings cannot be used."""
    data = read_pack_keys(content)
    settings = settings_of_pack(data)
    try:
        registry.read_values(settings)
    except registry.SettingsError as error:
        raise Refused(f"pack.toml: {error}") from error
    _refuse_unknown_statements(settings)
    left_out = tuple(key for key in OF_PACKS if key in data)
    return PackFile(data["council"].strip(), year_of_pack(data), settings, left_out)


def write_pack_file(council: str, start: int, settings: Mapping[str, Any]) -> bytes:
    """Return the pack.toml of a year's council and settings."""
    head = {"council": council, "financial_year": financial_year_label(start)}
    return tomli_w.dumps(head | order_settings(settings)).encode()


def _refuse_unknown_statements(settings: Mapping[str, Any]) -> None:
    """Refuse settings for a statement that there is not, which would change nothing."""
    known = registry.statements()
    for table in registry.settings_tables().values():
        values = registry.values_of(table, settings) if table.by_statement else {}
        for name, own in values.items():
            if isinstance(own, Mapping) and name not in known:
                raise Refused(
                    f"pack.toml: [{table.table}.{name}]: there is no statement called “{name}”. "
                    f"The statements are: {', '.join(known)}."
                )
