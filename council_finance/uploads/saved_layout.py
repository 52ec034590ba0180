"""A saved layout, as a file is read through it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SavedLayout:
    """A version of a saved layout: its name, its definition as `read_layout` takes it.

    `id` is the number of the layout in the database, `version` the number of its version; each is
    None where it is not known, as after the layout was deleted.
    """

    name: str
    definition: Mapping[str, Any]
    id: int | None = None
    version: int | None = None
