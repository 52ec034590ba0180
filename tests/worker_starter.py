"""Starts Celery workers by forking, so that tests can kill one after another.

Loading Python, Celery and the product takes each worker two seconds, and the tests of faults start
more than a hundred. `python -m tests.worker_starter` loads them once. It reads a question a line of
JSON, and answers with one: `start` with the worker's arguments answers its process's number,
`ended` the status it ended with or null, `is_stopped` whether a signal has stopped it.
"""

import json
import os
import sys
from functools import partial

import celery.apps.worker  # noqa: F401 (loaded for those that are forked)
import celery.bin.worker  # noqa: F401
import django
import pandas  # noqa: F401
from celery.__main__ import main

from council_finance.processes import die_with_parent


def start(arguments: list[str]) -> int:
    """Fork a worker, and return its process's number. It ends when this process does."""
    begin = partial(die_with_parent, os.getpid())
    worker = os.fork()
    if worker == 0:
        begin()
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        sys.argv = ["celery", *arguments]
        main()  # it ends the process
    return worker


def ended(worker: int) -> int | None:
    """Return the exit status, a signal's number as a negative one, or None while it runs."""
    found, status = os.waitpid(worker, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def is_stopped(worker: int) -> bool:
    """Return whether a signal has stopped it, so that it may be looked at or killed there."""
    return os.waitid(os.P_PID, worker, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    django.setup()
    questions = {each.__name__: each for each in (start, ended, is_stopped)}
    while line := sys.stdin.readline():
        name, argument = json.loads(line)
        print(json.dumps(questions[name](argument)), flush=True)
