"""The pages of settings as a browser uses them: fields are read from the page and sent again."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse


class _Fields(HTMLParser):
    """Names and texts of the fields of a page's last form with `shown` in it."""

    def __init__(self):
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = self._area = ""
        self._first = True

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "input" and name and name != "q" and has.get("type") != "checkbox":
            self.fields[name] = has.get("value") or ""
        elif tag == "input" and has.get("type") == "checkbox" and "checked" in has:
            self.fields[name] = has.get("value") or "on"
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and self._select:
            if self._first or "selected" in has:
                self.fields[self._select] = has.get("value") or ""
            self._first = False
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            # A browser leaves out the line break that begins a text area.
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data):
        if self._area:
            self.fields[self._area] += data


@dataclass
class SettingsPage:
    """A page of settings in one browser: the fields it shows now, and its last answer."""

    client: Client
    name: str
    start: int = 2019
    fields: dict[str, str] = field(default_factory=dict)
    status: int = 0
    html: str = ""

    @property
    def address(self) -> str:
        return reverse("settings-table", args=[self.start, self.name])

    def open(self) -> "SettingsPage":
        return self._read(self.client.get(self.address))

    def read_year(self) -> "SettingsPage":
        """Read the page of all the year's settings instead."""
        return self._read(self.client.get(reverse("settings-year", args=[self.start])))

    def read(self, name: str) -> "SettingsPage":
        """Read a page of the site instead."""
        return self._read(self.client.get(reverse(name)))

    def press(self, button: str = "preview", **typed: str) -> "SettingsPage":
        """Type into fields and press a button."""
        self.fields |= typed
        return self._read(self.client.post(self.address, self.fields | {"do": button}))

    def store(self, **typed: str) -> "SettingsPage":
        """Preview what is typed, and store it."""
        self.press(**typed)
        assert self.status == 200 and 'value="store"' in self.html, self.words
        return self.press("store")

    def _read(self, response) -> "SettingsPage":
        self.status, self.html = response.status_code, response.content.decode()
        if "<main" in self.html:
            main = self.html[self.html.index("<main") : self.html.index("</main>")]
            reader = _Fields()
            reader.feed(main)
            self.fields = reader.fields
        return self

    @property
    def words(self) -> str:
        """The words of the page, without markup."""
        main = self.html[self.html.find("<main") :]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def page(client: Client, name: str, start: int = 2019) -> SettingsPage:
    """The page of a table of settings, as it opens."""
    return SettingsPage(client, name, start).open()
