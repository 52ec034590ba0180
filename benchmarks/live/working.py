"""Somebody at work beside the run, until told to stop."""

import threading


class Working:
    """Does its work in a thread of its own; what ended it early is raised when it is stopped."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._begin, daemon=True)

    def work(self) -> None:
        """All of it; to return soon after `ended` is set."""
        raise NotImplementedError

    def stop(self) -> None:
        """After what is at hand. Raises what ended the work before."""
        self.ended.set()
        self.thread.join()
        if self.error:
            raise self.error

    def _begin(self) -> None:
        try:
            self.work()
        except Exception as error:  # a thread has nobody to tell: stop raises it
            self.error = error
