"""Starts the OpenID provider beside the tests, and goes through its log-in as a browser does."""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from council_finance.oidc_settings import OidcSettings
from council_finance.processes import free_port
from tests.conftest import ROOT
from tests.openid_provider.serve import CLIENT, SECRET

PASSWORD = "the password at the provider"


@dataclass
class Provider:
    """A provider that runs, and its people."""

    port: int
    folder: Path
    process: subprocess.Popen

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/o"

    def settings(self, **more) -> OidcSettings:
        """What the product is configured with for it."""
        return OidcSettings(
            issuer=self.issuer, client_id=CLIENT, client_secret=SECRET, name="Example ID", **more
        )

    def has(self, **people: dict) -> None:
        """Has these people, each with these claims."""
        listed = {name: {"password": PASSWORD, "claims": claims} for name, claims in people.items()}
        (self.folder / "people.json").write_text(json.dumps(listed), encoding="utf-8")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@contextlib.contextmanager
def running_provider(folder: Path, callback: str) -> Iterator[Provider]:
    port = free_port(8500)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.openid_provider.serve", str(port), str(folder), callback],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    provider = Provider(port, folder, process)
    provider.has()
    try:
        assert process.stdout.readline() == "Ready\n"
        yield provider
    finally:
        if process.poll() is None:
            provider.stop()


def authorise(address: str, username: str, session: requests.Session | None = None) -> str:
    """Go to the provider as a browser does, log in there, and return where it sends one back."""
    session = session or requests.Session()
    provider = address.partition("/o/")[0]
    answer = session.get(address, allow_redirects=False)
    while answer.status_code == 302 or "Sign in" in answer.text:
        if answer.status_code == 302:
            address = urljoin(address, answer.headers["Location"])
            if not address.startswith(provider):
                return address
            answer = session.get(address, allow_redirects=False)
            continue
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)[1]
        sent = {"csrfmiddlewaretoken": token, "username": username, "password": PASSWORD}
        answer = session.post(address, sent, allow_redirects=False)
    raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
