"""A file that would be read for ever is refused."""

import itertools
import signal
import threading

import pytest

from council_finance.uploads.deadline import deadline
from council_finance.uploads.problems import FileRefused


def for_ever() -> None:
    for _ in itertools.count():
        pass


def test_what_takes_too_long_is_refused_and_the_alarm_is_put_back():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(FileRefused) as refused, deadline(0.05):
        for_ever()
    assert "too long" in refused.value.problems[0].message
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_is_done_in_time_is_left_alone():
    with deadline(60):
        done = sum(range(10))
    assert done == 45
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_has_no_alarm():
    done = []

    def work() -> None:
        with deadline(0.001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
