"""The undo of a stored file, as each kind of file defines it."""

from typing import Any, NamedTuple, Protocol, TypeVar

TargetT = TypeVar("TargetT", contravariant=True)
PreparedT = TypeVar("PreparedT", contravariant=True)


class UndoneFigure(NamedTuple):
    """A figure or a number of rows as it is now, and as it is after the file is undone."""

    label: str
    now: str
    after: str


class UndoSteps(Protocol[PreparedT, TargetT]):
    """The steps by which a kind of file keeps what it replaces, and puts it back.

    `before` and `replaced` are called around the storing of a file, in its transaction; what
    `replaced` returns is kept with the upload as JSON. The others are called with it, with the
    year locked where they write; both raise `Refused` where it cannot be put back exactly.
    """

    def before(self, prepared: PreparedT, target: TargetT) -> Any:
        """Return what is stored before the file, to compare it with what is stored after."""

    def replaced(self, before: Any, target: TargetT) -> Any:
        """Return what the file added, changed and removed, as JSON keeps it."""

    def refuse(self, kept: Any, target: TargetT) -> None:
        """Raise `Refused` where something newer rests on what the file stored."""

    def preview(self, kept: Any, target: TargetT) -> list[UndoneFigure]:
        """Return what undoing the file changes. Raise `Refused` where it cannot be undone."""

    def put_back(self, kept: Any, target: TargetT, by: Any) -> None:
        """Put back what was stored before the file, as a person decided. Raise `Refused`."""
