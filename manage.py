#!/usr/bin/env python
"""Django's command line."""

import atexit
import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    # What is loaded stays: to search it for garbage every 700 objects takes a tenth of the start,
    # and every 50,000 still a twentieth.
    gc.set_threshold(300_000, 20, 50)
    # And it all goes with the process: to take it to pieces first takes a fifth of a short command.
    atexit.register(gc.freeze)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
