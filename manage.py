#!/usr/bin/env python
"""Django's command line."""

import atexit
import contextlib
import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    # numpy's linear algebra, which nothing uses, else starts a thread for each processor, and they
    # run idle for a twentieth of a second.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is loaded stays: to search it for garbage every 700 objects takes a tenth of the start,
    # and every 50,000 still a twentieth.
    gc.set_threshold(300_000, 20, 50)
    done: list[bool] = []
    atexit.register(_leave_at_once, done)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    done.append(True)


def _leave_at_once(done: list[bool]) -> None:
    """Leave without taking to pieces what goes with the process anyway: a tenth of a short command.

    It is registered first, and so called when everything else that waits for the end was called.
    """
    if done:
        # Where that fails, Python's own end says so.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)


if __name__ == "__main__":
    main()
