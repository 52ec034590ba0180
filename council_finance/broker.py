"""A Celery broker in a folder: kombu's filesystem transport, made safe for several processes.

The stock transport writes a message straight under its final name, so a reader can find half of
one, lose it and stop; its table of queues has the same fault. Here both are written under another
name and moved into place in one step. A message is claimed by moving it out of the queue, read and
removed: it is delivered **at most once**. A process that is killed loses what it had claimed, so
the row in the database, not the message, says what is still to be done.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import IO, Any, ParamSpec, TypeVar

import kombu.transport
from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

MESSAGE = ".msg"
TEMPORARY = ".tmp"  # no queue's messages end in this, so no reader takes one up
STALE_AFTER = 3600  # seconds after which what a killed process left behind is removed
SWEEP_EVERY = 300
TRIES = 20
# Celery's own queues (events, remote control): useless once they are old.
CHATTER = (".celery.pidbox", ".celeryev.")


def use_atomic_file_broker() -> None:
    """Make the broker address ``filesystem://`` mean the transport of this module."""
    kombu.transport.TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
    kombu.transport._transport_cache.pop("filesystem", None)


def private_folder(folder: Path) -> Path:
    """Make ``folder`` and those above it that are missing, for this user only."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def again_where_cleared(act: Callable[P, R]) -> Callable[P, R]:
    """Do the act again where somebody clears the broker's folder while it is done.

    The folder is made again by the act. Raise what the last try raised.
    """

    @functools.wraps(act)
    def do_again(*args: P.args, **options: P.kwargs) -> R:
        for _ in range(TRIES):
            # A folder that goes between the look and the making is "there" for mkdir, too.
            with contextlib.suppress(FileNotFoundError, FileExistsError):
                return act(*args, **options)
        return act(*args, **options)

    return do_again


@again_where_cleared
def write_in_one_step(target: Path, text: str) -> None:
    """Write a file so that no reader can ever find a part of it."""
    temporary = private_folder(target.parent) / f".{uuid.uuid4().hex}{TEMPORARY}"
    try:
        with open(temporary, "x", encoding="utf-8", opener=_open_private) as file:
            file.write(text)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# kombu's virtual channels call the private methods of one word, so their names are fixed.
class Channel(filesystem.Channel):
    """A channel whose messages and tables appear whole or not at all."""

    next_sweep = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: defaultdict[str, deque[str]] = defaultdict(deque)

    # Messages

    @property
    def queue_folder(self) -> Path:
        """The folder in which messages wait, made where it is missing."""
        return _made_again(Path(self.data_folder_in))

    def _put(  # type: ignore[override]  # as in kombu's filesystem channel
        self, queue: str, payload: dict[str, Any], **options: Any
    ) -> None:
        """Put a message onto ``queue``, under a name by which the oldest sorts first."""
        if not queue or set(queue) & {"/", "\\", "\0"}:
            raise ChannelError(f"Invalid queue name: {queue!r}")
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}{MESSAGE}"
        try:
            write_in_one_step(Path(self.data_folder_out) / name, dumps(payload))
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {self.data_folder_out}") from error

    def _get(self, queue: str) -> dict[str, Any]:  # type: ignore[override]  # as in kombu's
        """Take the next message from ``queue``; the process that moves the file first has it."""
        self._remove_litter()
        waiting = self._waiting[queue]
        for look_again in (False, True):
            if look_again:
                waiting.extend(sorted(self._message_names(queue)))
            while waiting:
                text = self._claim_message(waiting.popleft())
                if text is None:
                    continue
                try:
                    payload: dict[str, Any] = loads(text)
                    return payload
                except ValueError:  # the machine stopped before the disk had it all
                    logger.warning("A message in %s could not be read and was dropped.", queue)
        raise Empty

    def _claim_message(self, name: str) -> bytes | None:
        """Move a message out of the queue and read it; return None where another reader has it."""
        claimed = _made_again(Path(self.processed_folder)) / name
        try:
            os.replace(self.queue_folder / name, claimed)
            text = claimed.read_bytes()
            if not self.store_processed:
                claimed.unlink()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ChannelError(f"Cannot read a message from {self.queue_folder}") from error
        return text

    @again_where_cleared
    def _message_names(self, queue: str) -> list[str]:
        names = os.listdir(self.queue_folder)
        return [name for name in names if name.partition(".")[2] == queue + MESSAGE]

    def _size(self, queue: str) -> int:
        return len(self._message_names(queue))

    def _purge(self, queue: str) -> int:
        names = self._message_names(queue)
        return sum(_remove_file(self.queue_folder / name) for name in names)

    def _remove_litter(self) -> None:
        """Remove now and then what killed processes left, and control messages never read."""
        if time.monotonic() < self.next_sweep:
            return
        self.next_sweep = time.monotonic() + SWEEP_EVERY
        folders = {self.queue_folder: _is_chatter, self.control_folder: _is_temporary}
        if not self.store_processed:
            folders[Path(self.processed_folder)] = _is_message
        oldest = time.time() - STALE_AFTER
        for folder, is_litter in folders.items():
            for name in _list_folder(folder):
                if _is_temporary(name) or is_litter(name):
                    with contextlib.suppress(FileNotFoundError):
                        if (folder / name).stat().st_ctime < oldest:
                            (folder / name).unlink()

    # The queues that an exchange feeds

    @contextlib.contextmanager
    def _change_table(self, exchange: str) -> Iterator[list[filesystem.exchange_queue_t]]:
        """Lock the exchange's table for the block, and store it in one step if it changed."""
        file = self._exchange_file(exchange)
        try:
            with _open_lock(file.with_name(file.name + ".lock")) as held:
                filesystem.lock(held, filesystem.LOCK_EX)
                try:
                    table = self.get_table(exchange)
                    before = list(table)
                    yield table
                    if table != before:
                        write_in_one_step(file, dumps(table))
                finally:
                    filesystem.unlock(held)
        except OSError as error:
            raise ChannelError(f"Cannot change {file}") from error

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        """Return the exchange's bindings; the file is only ever replaced, so it needs no lock."""
        file = self._exchange_file(exchange)
        try:
            rows = loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise ChannelError(f"Cannot read {file}") from error
        return [filesystem.exchange_queue_t(*row) for row in rows]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._change_table(exchange) as table:
            if row not in table:
                table.insert(0, row)

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **options: Any
    ) -> None:
        virtual.Channel._delete(self, queue, exchange, routing_key, pattern, *args, **options)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._change_table(exchange) as table, contextlib.suppress(ValueError):
            table.remove(row)


_made_again = again_where_cleared(private_folder)


@again_where_cleared
def _list_folder(folder: Path) -> list[str]:
    return os.listdir(private_folder(folder))


@again_where_cleared
def _open_lock(file: Path) -> IO[str]:
    private_folder(file.parent)
    return open(file, "w", opener=_open_private)


def _is_message(name: str) -> bool:
    return name.endswith(MESSAGE)


def _is_temporary(name: str) -> bool:
    return name.endswith(TEMPORARY)


def _is_chatter(name: str) -> bool:
    return _is_message(name) and any(word in name for word in CHATTER)


def _remove_file(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


class Transport(filesystem.Transport):
    """The filesystem transport with the channel above; each folder has a state of its own."""

    Channel = Channel
    states: defaultdict[str, virtual.BrokerState] = defaultdict(virtual.BrokerState)

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.state = self.states[str(client.transport_options.get("control_folder"))]
