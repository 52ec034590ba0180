"""The file broker: a message appears whole, exactly one reader has it, and nothing piles up."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection
from kombu.exceptions import ChannelError

from council_finance import broker
from council_finance.broker_settings import file_broker_options
from tests.conftest import ROOT

MESSAGES = 2000

PUBLISH = """
import hashlib, sys
from pathlib import Path
from kombu import Connection
from council_finance.broker import use_atomic_file_broker
from council_finance.broker_settings import file_broker_options

use_atomic_file_broker()
options = file_broker_options(Path(sys.argv[1]))
with Connection("filesystem://", transport_options=options) as connection:
    queue = connection.SimpleQueue("jobs")
    for number in range(int(sys.argv[2])):
        text = str(number) * (1 + number * 37 % 5000)
        checksum = hashlib.sha256(text.encode()).hexdigest()
        queue.put({"number": number, "text": text, "sum": checksum})
"""

WORKER = """
import sys
from pathlib import Path
from celery import Celery
from council_finance.broker import use_atomic_file_broker
from council_finance.broker_settings import file_broker_options

use_atomic_file_broker()
app = Celery("job", broker="filesystem://", set_as_current=False)
app.conf.broker_transport_options = file_broker_options(Path(sys.argv[1]) / "broker")

@app.task(name="leave_a_note")
def leave_a_note(text):
    (Path(sys.argv[1]) / "note").write_text(text)

app.worker_main(["worker", "-P", "solo", "--without-gossip", "--without-mingle",
                 "--without-heartbeat", "-l", "WARNING"])
"""


@pytest.fixture
def connection(tmp_path):
    broker.use_atomic_file_broker()
    options = file_broker_options(tmp_path / "broker")
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection


def start(script: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


@pytest.mark.slow
def test_no_message_is_lost_or_half_read_while_another_process_publishes(connection, tmp_path):
    publisher = start(PUBLISH, tmp_path / "broker", MESSAGES)
    seen = []
    queue = connection.SimpleQueue("jobs")
    for _ in range(MESSAGES):
        message = queue.get(timeout=60)
        body = message.payload
        assert hashlib.sha256(body["text"].encode()).hexdigest() == body["sum"]
        seen.append(body["number"])
        message.ack()
    assert publisher.wait(60) == 0
    # A folder that is read while it is written to may show a file before an older one.
    assert sorted(seen) == list(range(MESSAGES))
    assert not [
        file for file in (tmp_path / "broker").rglob("*") if file.suffix in (".msg", ".tmp")
    ]


def test_two_readers_never_have_the_same_message(connection, tmp_path):
    queue = connection.SimpleQueue("jobs")
    for number in range(50):
        queue.put(number)
    one, two = connection.channel(), connection.channel()
    seen = []
    while any(messages := [one.basic_get("jobs"), two.basic_get("jobs")]):
        seen += [message.payload for message in messages if message]
    assert seen == list(range(50))


def test_a_reader_that_listed_old_messages_still_finds_new_ones(connection):
    queue = connection.SimpleQueue("jobs")
    queue.put("old")
    queue.put("older")
    one, two = connection.channel(), connection.channel()
    assert one.basic_get("jobs").payload == "old"
    assert two.basic_get("jobs").payload == "older"
    queue.put("new")
    assert one.basic_get("jobs").payload == "new"


def test_folders_and_messages_are_for_this_user_alone(connection, tmp_path):
    connection.SimpleQueue("jobs").put("secret")
    paths = list((tmp_path / "broker").rglob("*"))
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {True: 0o700, False: 0o600}


@pytest.mark.parametrize("step", ["mkdir", "listdir", "open"])
def test_a_folder_that_is_cleared_at_any_step_is_made_again(
    connection, tmp_path, monkeypatch, step
):
    """A worker that looks just then goes on, and takes what comes afterwards."""
    channel, producer = connection.channel(), connection.Producer()
    folder = channel.queue_folder
    real = getattr(os, step)

    def clear_first(*arguments, **options):
        monkeypatch.setattr(os, step, real)
        shutil.rmtree(tmp_path / "broker")
        return real(*arguments, **options)

    if step == "mkdir":
        folder.rmdir()
    monkeypatch.setattr(os, step, clear_first)
    if step == "open":
        producer.publish("sent as it was cleared", routing_key="jobs")
    taken = channel.basic_get("jobs")
    assert (taken and taken.payload) == ("sent as it was cleared" if step == "open" else None)
    assert getattr(os, step) is real
    producer.publish("next", routing_key="jobs")
    assert channel.basic_get("jobs").payload == "next"


def test_a_temporary_file_is_not_a_message(connection, tmp_path):
    channel = connection.channel()
    folder = channel.queue_folder
    (folder / ".0.jobs.tmp").write_text("{")
    assert channel._size("jobs") == 0
    assert channel.basic_get("jobs") is None


def test_a_message_that_cannot_be_read_is_dropped_and_the_next_one_taken(connection, caplog):
    channel = connection.channel()
    (channel.queue_folder / "0.jobs.msg").write_bytes(b"\0\0\xff")
    connection.SimpleQueue("jobs").put("good")
    assert channel.basic_get("jobs").payload == "good"
    assert "could not be read" in caplog.text


def test_what_a_killed_process_left_is_removed_once_it_is_old(connection, monkeypatch):
    channel = connection.channel()
    processed = broker.private_folder(Path(channel.processed_folder))
    litter = [
        processed / "1.jobs.msg",
        channel.queue_folder / ".a.tmp",
        channel.queue_folder / "1.celery@here.celery.pidbox.msg",
        channel.queue_folder / "1.celeryev.0.msg",
    ]
    job = channel.queue_folder / "1.jobs.msg"
    for file in (*litter, job):
        file.write_text("{}")
    channel._remove_litter()
    assert all(file.exists() for file in litter)
    monkeypatch.setattr(broker, "STALE_AFTER", -60)
    channel.next_sweep = 0
    channel._remove_litter()
    assert [file for file in litter if file.exists()] == []
    assert job.exists()


def test_a_queue_name_cannot_lead_out_of_the_folder(connection):
    with pytest.raises(ChannelError):
        connection.channel()._put("../jobs", {})


def test_a_purge_and_an_exchange_without_its_queue(connection):
    queue = connection.SimpleQueue("jobs")
    queue.put(1)
    queue.put(2)
    assert queue.clear() == 2
    channel = connection.channel()
    assert [row.queue for row in channel.get_table("jobs")] == ["jobs"]
    channel.queue_delete("jobs")
    assert channel.get_table("jobs") == []


@pytest.mark.worker
def test_a_celery_worker_takes_a_job_from_it_and_stops_when_asked(tmp_path):
    broker.use_atomic_file_broker()
    app = Celery("job", broker="filesystem://", set_as_current=False)
    app.conf.broker_transport_options = file_broker_options(tmp_path / "broker")
    with app.connection_for_write() as connection:
        app.send_task("leave_a_note", ["done"], connection=connection)
    worker = start(WORKER, tmp_path)
    try:
        until = time.monotonic() + 60
        while not (tmp_path / "note").exists() and time.monotonic() < until:
            assert worker.poll() is None
            time.sleep(0.05)
        assert (tmp_path / "note").read_text() == "done"
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
    assert list((tmp_path / "broker").rglob("*.msg")) == []
