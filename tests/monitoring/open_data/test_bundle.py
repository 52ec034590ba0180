"""The open-data bundle of a published report."""

import csv
import hashlib
import io
import json
import re
import zipfile
from decimal import Decimal

import duckdb
from django.conf import settings as django_settings
from django.test import Client

from council_finance.accounts.models import Role
from council_finance.statements import Cell, Column, Row
from monitoring.models import Report, ReportStatement
from monitoring.open_data.bundle import make_bundle
from monitoring.open_data.description import LICENCES, statement_schema
from tests.statements import made

ADDRESS = "/reports/2019-20/3/open-data.zip"
TYPES = {
    "integer": int,
    "number": Decimal,
    "date": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text)[0],
    "boolean": {"true": True, "false": False}.__getitem__,
    "string": str,
}


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_file_is_described_with_its_checksum_and_its_rows_have_their_types(somerset):
    report = Report.objects.get(period__year=somerset, period__number=3)
    content = make_bundle(report)
    assert make_bundle(report) == content
    files = unpacked(content)
    package = json.loads(files.pop("datapackage.json"))
    resources = {each["path"]: each for each in package["resources"]}
    assert set(resources) == set(files)
    assert len({each["name"] for each in resources.values()}) == len(resources)
    for path, each in resources.items():
        assert each["hash"] == f"sha256:{hashlib.sha256(files[path]).hexdigest()}"
        assert each["bytes"] == len(files[path])
        if "schema" in each:
            table = csv.DictReader(io.StringIO(files[path].decode(), newline=""))
            fields = each["schema"]["fields"]
            assert table.fieldnames == [field["name"] for field in fields]
            for row in table:
                for field in fields:
                    text = row[field["name"]]
                    assert text or not field.get("constraints", {}).get("required"), (path, field)
                    TYPES[field["type"]](text) if text else None
    assert package["licenses"][0]["name"] == "OGL-UK-3.0"
    assert package["contributors"] == [{"title": "Somerset County Council", "role": "publisher"}]
    assert (package["period"], package["figuresAsAt"]) == (3, "2019-06-30")
    sealed = dict(ReportStatement.objects.filter(report=report).values_list("name", "sha256"))
    assert package["sha256OfPublishedFigures"] == sealed
    assert f"sha256:{sealed['annex-a']}" == resources["statements/annex-a.json"]["hash"]


def test_parquet_and_csv_of_the_bundle_add_up_to_annex_a(somerset, tmp_path):
    report = Report.objects.get(period__year=somerset, period__number=3)
    files = unpacked(make_bundle(report))
    (tmp_path / "figures.parquet").write_bytes(files["figures.parquet"])
    total = json.loads(files["statements/annex-a.json"])["rows"][-1]["cells"]["budget"]["value"]
    with duckdb.connect() as connection:
        (found,) = connection.execute(
            "SELECT sum(pounds) FROM read_parquet(?) "
            "WHERE counted AND statement = 'annex-a' AND measure = 'budget'",
            [str(tmp_path / "figures.parquet")],
        ).fetchone()
    assert found == Decimal(str(total)) == Decimal("327967480")
    annex = files["statements/annex-a.csv"].decode()
    rows = list(csv.DictReader(io.StringIO(annex, newline="")))
    assert {"ADULT", "SCC"} < {row["Service code"] for row in rows}
    services = [row for row in rows if row["Kind of row"] == "service"]
    assert sum(Decimal(row["Total revised budget (£)"]) for row in services) == found


def test_the_bundle_is_public_with_the_library_and_is_never_a_drafts(
    somerset, person, client, settings
):
    assert Client().get(ADDRESS).status_code == 302
    settings.PUBLIC_REPORTS = True
    answer = Client().get(ADDRESS)
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    assert 'filename="open-data-2019-20-03-v1.zip"' in answer["Content-Disposition"]
    known = {"if-none-match": answer["ETag"]}
    assert Client().get(ADDRESS, headers=known).status_code == 304
    settings.OPEN_DATA_LICENCE = "cc-by-4.0"
    again = Client().get(f"{ADDRESS}?version=1", headers=known)
    package = json.loads(unpacked(again.content)["datapackage.json"])
    assert package["licenses"][0]["title"] == "Creative Commons Attribution 4.0 International"
    client.force_login(person(Role.FINANCE_LEAD))
    for missing in ("/reports/2019-20/4/open-data.zip", f"{ADDRESS}?version=2"):
        assert client.get(missing).status_code == 404


def test_a_withheld_version_is_replaced_for_who_may_not_read_it(somerset, person, client, settings):
    """By the redacted version, as on its pages."""
    first = Report.objects.get(period__year=somerset, period__number=3)
    frozen = Report.objects.values_list("frozen", flat=True).get(pk=first.pk)
    redacted = Report.objects.create(
        period=first.period, version=2, batch=first.batch, frozen=frozen, reason="Exempt lines"
    )
    Report.objects.filter(pk=first.pk).update(withheld_for=redacted)
    settings.PUBLIC_REPORTS = True
    client.force_login(person(Role.FINANCE_OFFICER))
    for reader, version in ((Client(), "v2"), (client, "v1")):
        name = reader.get(f"{ADDRESS}?version=1")["Content-Disposition"]
        assert f"-{version}.zip" in name


def test_a_column_of_numbers_with_words_is_described_as_text():
    columns = (Column("actual", "Actual", is_number=True), Column("target", "Target", "%"))
    cells = {"actual": Cell("Due June"), "target": Cell("5%", percent=5.0)}
    rows = (Row("1", "One", "line", cells), Row("H", "Heading", "heading"))
    fields = statement_schema(made(rows, columns=columns, cross_casts=(), hidden_from_readers=()))
    assert [field["type"] for field in fields["fields"]] == [
        *("string", "string", "number", "string", "string")
    ]


def test_the_licences_of_the_setting_are_known():
    assert django_settings.OPEN_DATA_LICENCE == next(iter(LICENCES)) == "ogl-uk-3.0"
    assert {"cc-by-4.0", "cc0-1.0"} < set(LICENCES)
