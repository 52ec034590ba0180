"""A NUL character is refused wherever it arrives: PostgreSQL stores none, SQLite would."""

import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory

from council_finance.accounts.models import Role, User
from council_finance.errors import Refused
from council_finance.nul_guard import refuse_nul
from council_finance.typed_text import holds_nul
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from monitoring.models import Layout, Upload
from monitoring.uploading.services.uploads import upload_file
from tests.monitoring.test_pages import POSITION

PLAIN_PAGE = "That request could not be understood"
BOUNDARY = "----a"


def multipart(head: str, body: str = "x") -> tuple[bytes, str]:
    text = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n"
    return f"{text}--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def assert_refused(response):
    assert response.status_code == 400
    assert PLAIN_PAGE in response.content.decode()


@pytest.mark.parametrize("cookie", ['sessionid="\\000abc"', "sessionid=\x00", "\x00=1", "x=a\x00"])
@pytest.mark.parametrize("address", ["/", "/login/", "/glossary/", "/no/such/page/"])
def test_a_strangers_cookie_with_a_nul_is_a_plain_400(db, cookie, address):
    assert_refused(Client(headers={"cookie": cookie}).get(address))


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "a\x00b"},
        {"referer": "http://testserver/\x00"},
        {"hx-request": "true", "hx-current-url": "/%00", "hx-current-url-uri-autoencoded": "true"},
    ],
)
def test_a_header_with_a_nul_is_a_plain_400(client, person, headers):
    client.force_login(person(Role.FINANCE_LEAD))
    assert_refused(client.get("/reports/", headers=headers))
    assert_refused(client.post("/login/", {"username": "jo", "password": "x"}, headers=headers))


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/login/", {"username": "a\x00b", "password": "x"}),
        ("/login/", {"username": "jo", "password": "\x00"}),
        ("/login/?next=%00", {"username": "jo", "password": "x"}),
        ("/password/reset/", {"email": "a\x00@council.example"}),
        ("/uploads/1/withdraw/", {"reason": "a\x00b"}),
        ("/2019-20/3/upload/", {"kind": "position", "scope": "ADULT\x00"}),
        ("/2019-20/3/review/", {"reason": "\x00"}),
        ("/2019-20/3/review/", {"re\x00ason": "x"}),
    ],
)
def test_a_form_with_a_nul_is_a_plain_400_on_pages_and_their_parts(client, person, address, data):
    if not address.startswith(("/login", "/password/reset")):
        client.force_login(person(Role.FINANCE_LEAD))
    assert_refused(client.post(address, data))
    assert_refused(client.post(address, data, headers={"hx-request": "true"}))
    if "%00" in address:
        return
    query = [(name.encode(), text.encode()) for name, text in data.items()]
    assert_refused(client.get(address, query))


@pytest.mark.parametrize(
    "head",
    [
        'name="reason\x00"',
        'name="file"; filename="a\x00b.csv"',
        "name=\"file\"; filename*=utf-8''a%00b.csv",
        'name="file\x00"; filename="a.csv"',
    ],
)
def test_names_of_fields_and_files_are_looked_at(client, person, head):
    client.force_login(person(Role.FINANCE_LEAD))
    before = Upload.objects.count()
    body, content_type = multipart(head)
    assert_refused(client.post("/2019-20/3/upload/", body, content_type=content_type))
    assert Upload.objects.count() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"reason": "a\\u0000b"}', 400),
        (b'{"reason": "a\\\\\\u0000b"}', 400),
        (b'{"reason": "a\\\\u0000b"}', 200),  # a backslash and then letters
        (b'{"a": ' + b"[" * 50_000, 200),  # for whoever reads it to refuse
        ('{"a": "b"}'.encode("utf-16"), 400),
    ],
)
def test_json_is_looked_at_without_reading_it(body, status):
    request = RequestFactory().post("/", body, content_type="application/json")
    guarded = refuse_nul(lambda request: HttpResponse(request.body))
    response = guarded(request)
    assert response.status_code == status
    assert status == 400 or response.content == body


def test_a_form_that_breaks_off_is_a_bad_request(db, client):
    class BrokenOff(io.BytesIO):
        def read(self, *args):
            raise OSError("the browser is gone")

    request = {"wsgi.input": BrokenOff(), "CONTENT_LENGTH": "10"}
    response = client.post("/login/", {"username": "x"}, **request)
    assert response.status_code == 400


def test_a_flood_of_them_writes_no_tracebacks(client, db, caplog):
    client.get("/login/?a=%00")
    assert [record.exc_info for record in caplog.records if record.levelno >= 30] == [None]


def test_a_file_and_a_form_without_one_go_through(client, person, somerset):
    client.force_login(person(Role.FINANCE_OFFICER))
    file = SimpleUploadedFile("Café £.csv", POSITION.read_bytes(), "text/csv")
    response = client.post("/2019-20/5/upload/", {"kind": "position", "file": file})
    assert response.status_code == 302
    assert Upload.objects.order_by("-pk").first().file_name == "Café £.csv"


def test_a_nul_is_found_in_lists_and_keys():
    assert holds_nul({"a": [1, None, ("x", {"y\x00": 1})]})
    assert not holds_nul({"a": [1, None, b"\x00", ("x", {"y": "0"})]})


# Commands, packs and files


def test_an_argument_of_a_command_with_a_nul_is_refused(db, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("make_person", "a\x00b", role="director", part=[], name="", email="")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "username: a NUL character cannot be stored. Leave it out.\n"
    assert not User.objects.exists()


def test_a_layout_with_a_nul_is_refused(db, tmp_path, capsys):
    file = tmp_path / "layout.toml"
    file.write_text('[fixed]\nservice_code = "A\\u0000"\n', encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("save_layout", "export", "position", str(file))
    assert "NUL character" in capsys.readouterr().err
    assert not Layout.objects.exists()


def test_a_pack_with_a_nul_in_its_settings_is_refused(db, tmp_path, capsys):
    text = 'council = "A\\u0000"\nfinancial_year = "2031/32"\n'
    (tmp_path / "pack.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("load_pack", str(tmp_path))
    assert "pack.toml has a NUL character" in capsys.readouterr().err


def workbook(rows: list[list]) -> bytes:
    """A workbook in which NUL stands as workbooks write it."""
    made, kept = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    with zipfile.ZipFile(made) as packed, zipfile.ZipFile(kept, "w") as changed:
        for name in packed.namelist():
            part = packed.read(name).replace(b"_x005F_x0000_", b"_x0000_")
            changed.writestr(name, part)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([["code", "note_x0000_"], ["A", "x"]], "Row 1, column 2"),
        ([["code", "note"], ["A", 5], ["B", "_x0000_"]], "Row 3, column 2"),
    ],
)
def test_a_cell_with_a_nul_is_a_refusal_of_the_file(rows, where):
    with pytest.raises(FileRefused) as refused:
        read_rows(workbook(rows))
    assert f"{where}: the cell has a NUL character" in str(refused.value)


def test_a_heading_with_a_nul_is_told_and_not_kept(somerset):
    content = workbook([["Centre_x0000_", "Sum"], ["A100", 5]])
    with pytest.raises(Refused) as refused:
        upload_file(
            kind="position", year=somerset, period=5, content=content, file_name="a.xlsx", by=None
        )
    assert "Row 1, column 1: the cell has a NUL character" in str(refused.value)
    assert Upload.objects.order_by("-pk").first().state == "refused"
