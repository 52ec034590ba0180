"""A Celery broker that is a folder: kombu's filesystem transport, made safe for several processes.

The stock transport writes a message straight under its final name, so a reader can meet half of
one, lose it and stop; its table of queues has the same fault. Here both are written under another
name and moved into place in one step. A message is claimed by moving it out of the queue, read and
removed: it is delivered **at most once**. A process that is killed takes what it had claimed with
it, so the row in the database, not the message, says what is still to be done.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import kombu.transport
from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

MESSAGE = ".msg"
TEMPORARY = ".tmp"  # no queue's messages end in this, so no reader takes one up
STALE_AFTER = 3600  # seconds after which what a killed process left behind is removed
SWEEP_EVERY = 300
# Celery's own queues (events, remote control): of no use to anybody once they are old.
CHATTER = (".celery.pidbox", ".celeryev.")


def use_atomic_file_broker() -> None:
    """Make the broker address ``filesystem://`` mean the transport of this module."""
    kombu.transport.TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
    kombu.transport._transport_cache.pop("filesystem", None)


def file_broker_options(folder: Path) -> dict[str, Any]:
    """Celery's ``broker_transport_options`` for a broker kept under ``folder``."""
    queue = str(folder / "queue")
    return {
        "data_folder_in": queue,
        "data_folder_out": queue,
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
        "store_processed": False,
        "polling_interval": 0.1,
    }


def private_folder(folder: Path) -> Path:
    """Make ``folder`` and those above it that are missing, for this user only."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_in_one_step(target: Path, text: str) -> None:
    """Write a file so that nobody can ever read a part of it."""
    temporary = private_folder(target.parent) / f".{uuid.uuid4().hex}{TEMPORARY}"
    try:
        with open(temporary, "x", encoding="utf-8", opener=_private) as file:
            file.write(text)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Channel(filesystem.Channel):
    """A channel whose messages and tables appear whole or not at all."""

    next_sweep = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: defaultdict[str, deque[str]] = defaultdict(deque)

    # -- messages ---------------------------------------------------------------------------

    @property
    def queue_folder(self) -> Path:
        """The folder messages wait in, made where it is missing."""
        return private_folder(Path(self.data_folder_in))

    def _put(self, queue: str, payload: dict[str, Any], **options: Any) -> None:
        """Put a message onto ``queue``: the oldest name sorts first, also after a restart."""
        if not queue or set(queue) & {"/", "\\", "\0"}:
            raise ChannelError(f"Invalid queue name: {queue!r}")
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}{MESSAGE}"
        try:
            write_in_one_step(Path(self.data_folder_out) / name, dumps(payload))
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {self.data_folder_out}") from error

    def _get(self, queue: str) -> dict[str, Any]:
        """Take the next message from ``queue``; whoever moves the file away first has it."""
        self._sweep()
        waiting = self._waiting[queue]
        for look_again in (False, True):
            if look_again:
                waiting.extend(sorted(self._names(queue)))
            while waiting:
                text = self._claim(waiting.popleft())
                if text is None:
                    continue
                try:
                    return loads(text)
                except ValueError:  # the machine stopped before the disk had it all
                    logger.warning("A message in %s could not be read and was dropped.", queue)
        raise Empty

    def _claim(self, name: str) -> bytes | None:
        """Move a message out of the queue and read it; None where another reader has it."""
        claimed = private_folder(Path(self.processed_folder)) / name
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

    def _names(self, queue: str) -> list[str]:
        names = os.listdir(self.queue_folder)
        return [name for name in names if name.partition(".")[2] == queue + MESSAGE]

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        return sum(_remove(self.queue_folder / name) for name in self._names(queue))

    def _sweep(self) -> None:
        """Now and then remove what killed processes left, and control messages nobody read."""
        if time.monotonic() < self.next_sweep:
            return
        self.next_sweep = time.monotonic() + SWEEP_EVERY
        folders = {self.queue_folder: _is_chatter, self.control_folder: _is_temporary}
        if not self.store_processed:
            folders[Path(self.processed_folder)] = _is_message
        oldest = time.time() - STALE_AFTER
        for folder, is_litter in folders.items():
            for entry in os.scandir(private_folder(folder)):
                if _is_temporary(entry.name) or is_litter(entry.name):
                    with contextlib.suppress(FileNotFoundError):
                        if entry.stat().st_ctime < oldest:
                            os.unlink(entry.path)

    # -- which queues an exchange feeds -----------------------------------------------------

    @contextlib.contextmanager
    def _changing(self, exchange: str) -> Iterator[list[filesystem.exchange_queue_t]]:
        """Hold the exchange's table for a change, and store it in one step if it changed."""
        file = self._exchange_file(exchange)
        private_folder(file.parent)
        try:
            with open(file.with_name(file.name + ".lock"), "w", opener=_private) as held:
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
        """The exchange's bindings; the file is only ever replaced, so it needs no lock."""
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
        with self._changing(exchange) as table:
            if row not in table:
                table.insert(0, row)

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **options: Any
    ) -> None:
        virtual.Channel._delete(self, queue, exchange, routing_key, pattern, *args, **options)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._changing(exchange) as table, contextlib.suppress(ValueError):
            table.remove(row)


def _is_message(name: str) -> bool:
    return name.endswith(MESSAGE)


def _is_temporary(name: str) -> bool:
    return name.endswith(TEMPORARY)


def _is_chatter(name: str) -> bool:
    return _is_message(name) and any(word in name for word in CHATTER)


def _remove(file: Path) -> bool:
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
