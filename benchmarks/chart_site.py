"""A site with a published overview, served compressed: benchmarks.charts starts it, by any build.

It uses only what each build has. Its last line says where it listens, the cookies of a member, and
the milliseconds of processor time that the overview takes to make; then it serves until its
standard input ends. Pages are compressed as nginx does it by itself, static files as WhiteNoise
keeps them.
"""

import gzip
import io
import json
import os
import statistics
import sys
import threading
import time
from pathlib import Path

OVERVIEW = "/2019-20/3/"
TIMES = 15
PAGES, FILES = 1, 9
"""Levels of compression: nginx's own for what is made, the highest for what is kept."""


def prepare():
    """A member's client of Somerset's year, of which months 2 and 3 are published."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from council_finance.accounts.models import Role, User

    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS.append("testserver")
    member = User.objects.filter(username="member").first()
    if member is None:
        call_command("load_pack", Path("fixtures") / "somerset-2019-20", stdout=io.StringIO())
        member = User.objects.create_user("member", password="-", role=Role.SCRUTINY_MEMBER)
    client = Client()
    client.force_login(member)
    return client


def milliseconds(client, **headers: str) -> float:
    """The middle processor time of an overview."""
    found = []
    for _ in range(TIMES):
        start = time.process_time()
        client.get(OVERVIEW, **headers)
        found.append((time.process_time() - start) * 1000)
    return statistics.median(found)


def compressed(application):
    """The application, whose texts are sent as gzip."""

    def answer(environ, start_response):
        held = {}

        def hold(status, headers, exc_info=None):
            held.update(status=status, headers=headers)

        parts = application(environ, hold)
        body = b"".join(parts)
        getattr(parts, "close", lambda: None)()
        headers = [each for each in held["headers"] if each[0].lower() != "content-length"]
        if body and not any(name.lower() == "content-encoding" for name, _ in headers):
            level = FILES if environ["PATH_INFO"].startswith("/static/") else PAGES
            body = gzip.compress(body, level, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        start_response(held["status"], [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return answer


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    import django

    django.setup()
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    client = prepare()
    made = milliseconds(client)
    tag = client.get(OVERVIEW).get("ETag", "")
    again = milliseconds(client, HTTP_IF_NONE_MATCH=tag) if tag else made
    application = compressed(get_wsgi_application())
    # HTTP/1.1, as a browser heeds an ETag in no earlier version.
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cookies = {name: each.value for name, each in client.cookies.items()}
    said = {"port": server.server_port, "cookies": cookies, "made": made, "again": again}
    print(json.dumps(said), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
