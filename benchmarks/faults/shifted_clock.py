"""Python's start-up hook for the site's processes (as sitecustomize): a clock that can be moved.

The file that BENCHMARK_CLOCK names says by how many seconds. What is moved is the time of day as
Django and Celery ask for it; the clock that only counts seconds is left alone, as it is when a
machine's time is set.
"""

import datetime
import os
import time

_FILE = os.environ["BENCHMARK_CLOCK"]
_LOOK_EVERY = 0.2
_real, _looked, _offset = time.time, -1.0, 0.0


def offset() -> float:
    """Seconds by which the clock is off."""
    global _looked, _offset  # noqa: PLW0603
    if time.monotonic() - _looked > _LOOK_EVERY:
        _looked = time.monotonic()
        with open(_FILE) as file:
            _offset = float(file.read() or 0)
    return _offset


def shifted() -> float:
    """In place of time.time."""
    return _real() + offset()


def _move() -> None:
    from django.utils import timezone

    def now():
        if timezone.settings.USE_TZ:
            return datetime.datetime.fromtimestamp(shifted(), datetime.UTC)
        return datetime.datetime.fromtimestamp(shifted())

    time.time, time.time_ns = shifted, lambda: int(shifted() * 1_000_000_000)
    timezone.now = now


_move()
