"""Password hashing, and a limit on hashes at the same time: a hash is made to take memory.

Each attempt to log in costs a hash, even for a user name that nobody has, so anybody can ask for
many at once. The memory that this needs is worked out in docs/operating.md;
`tests/council_finance/accounts/test_hashing.py` compares the two.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

HASHES_AT_ONCE = 1
"""Hashes at once in a process; others wait a fraction of a second each."""
MOST_WAITING = 3
"""Requests in a process that hash or wait: one of its four threads stays free for pages."""
MOST_OF_AN_ADDRESS = 2

_hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with the second set of parameters that RFC 9106 recommends, one hash at a time.

    Hashes with other parameters are still accepted, and replaced at the person's next log-in.
    """

    time_cost = 3
    memory_cost = 64 * 1024  # KiB
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        """Return the hash, once no other is being made in this process."""
        with _hashing:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the password is right, once no other is being hashed in this process."""
        with _hashing:
            return super().verify(password, encoded)


class NoPlace(Exception):
    """Too many requests that hash a password at once; `for_address`: from this one address."""

    def __init__(self, *, for_address: bool):
        self.for_address = for_address
        super().__init__()


class Places:
    """A limited number of places for requests, in all and for one address."""

    def __init__(self, *, most: int, most_of_an_address: int):
        self._most, self._most_of_an_address = most, most_of_an_address
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def taken_for(self, address: str) -> Iterator[None]:
        """Hold a place for the block. Raises NoPlace at once where none is left."""
        with self._lock:
            if self._taken[address] >= self._most_of_an_address:
                raise NoPlace(for_address=True)
            if self._taken.total() >= self._most:
                raise NoPlace(for_address=False)
            self._taken[address] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[address] -= 1
                self._taken += Counter()  # forgets addresses that hold none


PLACES = Places(most=MOST_WAITING, most_of_an_address=MOST_OF_AN_ADDRESS)
"""The places of this process."""
