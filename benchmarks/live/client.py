"""A person's browser, as small as can be: cookies, forms, one connection a request.

The site is asked as the web server in front of it asks: over plain http on loopback, with the
headers that say the request came by https to the site's own name.
"""

import http.client
import re
import time
import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlencode

HOST = "budget.test"
ORIGIN = f"https://{HOST}"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class NoAnswer(Exception):
    """The connection was refused or cut, or took too long: whether it was done is not known."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds; `etag` says which state of the page it is."""

    status: int
    text: str
    location: str
    seconds: float
    etag: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        return dict(_HIDDEN.findall(self.text))


class Browser:
    """Log in once, then read and send."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}

    def log_in(self, name: str, password: str) -> None:
        """Raises RuntimeError where the site does not let this person in."""
        self.get("/login/")
        answer = self.post("/login/", {"username": name, "password": password})
        if answer.status != 302:
            raise RuntimeError(f"{name} could not log in: {answer.status}")

    def get(self, path: str, *, kept: Answer | None = None) -> Answer:
        """A page; `kept` is the one seen before, which still holds on 304. Raises NoAnswer."""
        if kept is None:
            return self._ask("GET", path, None, {})
        answer = self._ask("GET", path, None, {"If-None-Match": kept.etag})
        return answer if answer.status != 304 else replace(kept, seconds=answer.seconds)

    def post(self, path: str, fields: dict[str, str], file: bytes | None = None) -> Answer:
        """Send a form, with a file where one is given. Raises NoAnswer."""
        fields = fields | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        if file is None:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        else:
            kind, body = _multipart(fields, file)
        return self._ask("POST", path, body, {"Content-Type": kind, "Referer": f"{ORIGIN}{path}"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        headers |= {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        headers["Connection"] = "close"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={text}" for key, text in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        start = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        self._keep_cookies(response)
        location, etag = response.getheader("Location", ""), response.getheader("ETag", "")
        return Answer(response.status, text, location, time.perf_counter() - start, etag)

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie", ()):
            key, _, text = line.partition(";")[0].partition("=")
            self.cookies[key.strip()] = text


def _multipart(fields: dict[str, str], file: bytes) -> tuple[str, bytes]:
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="ledger.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = "".join([*parts, head]).encode() + file + f"\r\n--{edge}--\r\n".encode()
    return f"multipart/form-data; boundary={edge}", body
