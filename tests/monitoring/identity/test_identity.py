"""The council's name, accent colour and logo, and the head of every page."""

import io
import struct

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, PngImagePlugin

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.identity import logos
from monitoring.identity.colours import LEAST_CONTRAST, contrast, read_accent, style_sheet
from monitoring.identity.logos import read_logo
from monitoring.identity.selectors import council_name, read_identity
from monitoring.identity.services import save_council
from monitoring.models import Council, FinancialYear
from monitoring.restructuring.services.years import set_up_year

PAGE = "/settings/council/"
NAMED = {"name": "Somerset Council", "short_name": "Somerset", "accent": "#7A1F3D", "revision": "0"}


def png(width=200, height=80, mode="RGBA", **metadata) -> bytes:
    """A PNG of one colour, with these texts in it."""
    texts = PngImagePlugin.PngInfo()
    for name, text in metadata.items():
        texts.add_text(name, text)
    content = io.BytesIO()
    Image.new(mode, (width, height), "red").save(content, format="PNG", pnginfo=texts, dpi=(72, 72))
    return content.getvalue()


def file_of(content: bytes, name="logo.png") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture
def lead(client, person):
    user = person(Role.FINANCE_LEAD)
    client.force_login(user)
    return user


# Colours


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [  # as WebAIM's contrast checker gives them
        ("#ffffff", "#000000", 21.0),
        ("#ffffff", "#777777", 4.48),
        ("#ffffff", "#767676", 4.54),
        ("#ffffff", "#1d70b8", 5.17),
        ("#ffffff", "#ffcc00", 1.51),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("typed", ["#7A1F3D", "7a1f3d", " #7a1f3d "])
def test_a_colour_is_read_as_people_write_it(typed):
    assert read_accent(typed) == "#7a1f3d"
    assert read_accent("#036") == "#003366"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("burgundy", "“burgundy” is not a colour"),
        ("#12345", "is not a colour"),
        ("#ffcc00", "#FFCC00, and links of that colour on white, have a contrast of 1.51 to 1"),
        ("#777777", "a contrast of 4.47 to 1. At least 4.5 to 1 is needed"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast(typed, said):
    with pytest.raises(Refused, match=said):
        read_accent(typed)


@pytest.mark.parametrize("accent", ["#767676", "#7a1f3d", "#000000", "#1d70b8"])
def test_links_can_be_read_on_every_background(accent):
    link = style_sheet(accent).split("--govuk-link-colour:")[1][:7]
    assert contrast(link, "#e7edf3") >= LEAST_CONTRAST
    assert f"--navy:{accent}" in style_sheet(accent)


# The logo


def test_a_logo_is_encoded_anew_without_what_was_written_into_it():
    given = png(1200, 300, Author="Somebody", Comment="Secret")
    logo = read_logo(given)
    assert b"Secret" in given and b"Secret" not in logo.content
    with Image.open(io.BytesIO(logo.content)) as kept:
        assert (kept.format, kept.mode, kept.size) == ("PNG", "RGBA", (480, 120))
        assert kept.getpixel((5, 5)) == (255, 0, 0, 255)
        assert kept.info == {}
    assert len(logo.version) == 64
    assert read_logo(png(1200, 300)).version == logo.version


@pytest.mark.parametrize("mode", ["RGB", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    content = io.BytesIO()
    Image.new(mode, (20, 10)).save(content, format="PNG")
    assert read_logo(content.getvalue()).content.startswith(b"\x89PNG")


def other_format(name: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 10)).save(content, format=name)
    return content.getvalue()


def with_size(content: bytes, width: int, height: int) -> bytes:
    """A PNG whose header says another size; its pixels stay few."""
    return content[:16] + struct.pack(">II", width, height) + content[24:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (other_format("JPEG"), "The logo is not a PNG file"),
        (other_format("GIF"), "The logo is not a PNG file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "The logo is not a PNG file"),
        (b"\x89PNG\r\n\x1a\n", "The logo is not a PNG file"),
        (with_size(png(), 3_001, 80), "is 3,001 pixels wide and 80 high; it may be 3,000 by 1,500"),
        (with_size(png(), 200, 60_000), "60,000 high"),
        (png()[:60], "The logo’s file is damaged"),
        (with_size(png(), 200, 81), "The logo’s file is damaged"),
        (png().replace(b"IDAT", b"IDOT"), "The logo’s file is damaged"),
    ],
)
def test_a_file_that_is_no_good_png_is_refused(content, said):
    with pytest.raises(Refused) as refused:
        read_logo(content)
    assert said in refused.value.messages[0]


def test_a_logo_with_too_many_bytes_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(logos, "MOST_BYTES", 100)
    with pytest.raises(Refused, match="kB"):
        read_logo(png())


# The page


def test_the_council_is_named_and_every_page_bears_its_colour_and_logo(client, lead, somerset):
    before = client.get("/settings/").content.decode()
    assert "Somerset County Council" in before and "identity/" not in before
    response = client.post(PAGE, {**NAMED, "logo": file_of(png(Author="x"))})
    assert response.url == PAGE
    row = Council.objects.get()
    assert (row.name, row.short_name, row.accent) == ("Somerset Council", "Somerset", "#7a1f3d")
    for reader in (client, Client()):  # the log-in shows it to a stranger too
        page = reader.get("/settings/", follow=True).content.decode()
        style = reverse("council-style", args=[1, "7a1f3d"])
        logo = reverse("council-logo", args=[row.logo_version])
        assert f'<link rel="stylesheet" href="{style}">' in page
        assert f'<img class="site-header__logo" src="{logo}" alt="">' in page
        assert 'content="#7a1f3d"' in page
    assert '<span class="site-header__council">Somerset</span>' in client.get("/").content.decode()
    for address, kind in ((style, "text/css; charset=utf-8"), (logo, "image/png")):
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get(logo).content == bytes(row.logo)


@pytest.mark.parametrize(
    "address",
    [
        "/identity/1/ffcc00.css",
        "/identity/1/nothing.css",
        "/identity/2/7a1f3d.css",
        "/identity/logo-0.png",
        f"/identity/logo-{'0' * 64}.png",
    ],
)
def test_addresses_of_other_versions_lead_nowhere(client, lead, address):
    client.post(PAGE, NAMED)
    assert client.get(address).status_code == 404


def test_a_change_is_on_the_audit_trail_with_before_and_after(client, lead):
    client.post(PAGE, NAMED)
    client.post(PAGE, {**NAMED, "accent": "", "short_name": "Som", "revision": "1"})
    client.post(PAGE, {**NAMED, "accent": "", "short_name": "Som", "revision": "2"})
    first, second = AuditEntry.objects.filter(record="council").order_by("pk")
    assert first.detail["name"] == {"from": "", "to": "Somerset Council"}
    assert (second.by, second.action) == (lead, "changed the council")
    assert second.detail == {
        "short_name": {"from": "Somerset", "to": "Som"},
        "accent_colour": {"from": "#7a1f3d", "to": ""},
    }
    assert "#7a1f3d" in client.get(PAGE).content.decode()


def test_a_logo_stays_until_it_is_removed(client, lead):
    client.post(PAGE, {**NAMED, "logo": file_of(png())})
    version = read_identity().logo_version
    client.post(PAGE, {**NAMED, "name": "Somerset", "revision": "1"})
    assert version and read_identity().logo_version == version
    both = {**NAMED, "revision": "2", "remove_logo": "on", "logo": file_of(png(50, 50))}
    assert client.post(PAGE, both).status_code == 422
    client.post(PAGE, {**NAMED, "revision": "2", "remove_logo": "on"})
    assert read_identity().logo_version == ""
    assert bytes(Council.objects.get().logo) == b""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "Enter the council’s name."),
        ({"accent": "#ffcc00"}, "have a contrast of 1.51 to 1"),
        ({"accent": "red"}, "is not a colour"),
        ({"short_name": "x" * 41}, "Shorten the text to 40 characters"),
        ({"logo": file_of(b"GIF89a", "logo.png")}, "The logo is not a PNG file"),
        ({"logo": file_of(b"", "logo.png")}, "The logo’s file is empty."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(client, lead, changes, said):
    response = client.post(PAGE, {**NAMED, **changes})
    assert response.status_code == 422
    assert response.content.decode().count(said) == 2
    assert not Council.objects.exists()
    assert not AuditEntry.objects.filter(record="council").exists()


def test_of_two_people_the_second_is_told_of_the_first(client, lead):
    client.post(PAGE, NAMED)
    response = client.post(PAGE, {**NAMED, "name": "Another"})
    assert response.status_code == 409
    assert "Somebody else has changed the council" in response.content.decode()
    assert read_identity().name == "Somerset Council"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.FINANCE_LEAD}))
def test_others_change_nothing(client, person, somerset, role):
    client.force_login(person(role))
    reads = role == Role.FINANCE_OFFICER
    assert client.get(PAGE).status_code == (200 if reads else 403)
    assert client.post(PAGE, NAMED).status_code == 403
    assert not Council.objects.exists()
    if reads:
        assert '<form method="post" enctype' not in client.get(PAGE).content.decode()


def test_years_without_a_report_take_the_name_and_new_ones_do(lead, somerset):
    early = set_up_year(start=2030, council="Typed wrong", settings={}, by=None)
    archived = set_up_year(start=2031, council="Long ago", settings={}, by=None)
    FinancialYear.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    revision = early.revision
    given = {"short_name": "", "accent": "", "logo": None, "revision": 0}
    save_council(name="  Somerset   Council ", **given, by=lead)
    assert council_name() == "Somerset Council"
    early.refresh_from_db()
    somerset.refresh_from_db()
    assert (early.council, early.revision) == ("Somerset Council", revision + 1)
    archived.refresh_from_db()
    assert archived.council == "Long ago"
    assert somerset.council == "Somerset County Council", "it has published reports under that"
    assert AuditEntry.objects.get(record="council").detail["years"] == ["2030/31"]


def test_without_a_name_entered_the_latest_years_counts(somerset):
    assert council_name() == FinancialYear.objects.latest("start").council
