"""Back-up and restore: everything, as at one moment, back whole or not at all, and proven."""

import contextlib
import fcntl
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import dj_database_url
import psycopg2
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ConnectionHandler, connections, models
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.backup import archive, foreign_keys, operations, tables, values
from council_finance.errors import Refused
from council_finance.schema import MADE_BY_MIGRATING
from monitoring.models import Batch, BudgetLine, FinancialYear, Period, Position, Service, Upload
from tests.conftest import ROOT
from tests.made_tables import make_tables, note_migrations

pytestmark = pytest.mark.slow

BIG = 2**63 - 1
TRAIL = "council_finance_auditentry"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory, django_db_blocker) -> Path:
    """An SQLite database with the product's tables and nothing in them, made once for all."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path = folder / "migrated" / "db.sqlite3"
    path.parent.mkdir(exist_ok=True)
    with open(folder / "migrated.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            begun = path.with_name("begun.sqlite3")
            with django_db_blocker.unblock(), known_as("begun", f"sqlite:///{begun}"):
                make_tables("begun")
                note_migrations("begun")
            connection = sqlite3.connect(begun)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            begun.rename(path)
    return path


@pytest.fixture
def database(migrated, tmp_path, django_db_blocker):
    """Make an empty database: `database("source")` answers its alias.

    Without the test's own database: a back-up begins and ends transactions itself.
    """
    made = []

    def make(alias: str) -> str:
        path = tmp_path / f"{alias}.sqlite3"
        shutil.copy(migrated, path)
        given = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
        handler = ConnectionHandler({"default": given, alias: given})
        connections.settings[alias] = handler.settings[alias]
        made.append(alias)
        return alias

    with django_db_blocker.unblock():
        yield make
    for alias in made:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def act(alias: str, at: str, detail: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TRAIL} (at, by_name, action, record, detail) "
            "VALUES (%s, 'Zoë Öz', 'did', 'a record', %s)",
            [at, detail],
        )


def fill(alias: str) -> None:
    """A few rows of every kind of column, at the edges of what they hold."""
    user = User(username="zoë", first_name="Zoë\t\\N", last_login=timezone.now())
    user.set_password("x")
    user.save(using=alias)
    year = FinancialYear.objects.using(alias).create(
        start=2031, council="Ünder £ \\. \U0001f4b7", settings={"b": 1, "a": [1.5, None, {"ü": ""}]}
    )
    service = Service.objects.using(alias).create(year=year, code="TOP", name="Top")
    Service.objects.using(alias).create(year=year, code="ONE", name="One", parent=service)
    line = BudgetLine.objects.using(alias).create(
        year=year, cost_centre="A100", account="NET", service=service
    )
    period = Period.objects.using(alias).create(year=year, number=1)
    upload = Upload.objects.using(alias).create(
        year=year,
        kind="position",
        period=1,
        file_name="März\\t.csv",
        content=bytes(range(256)) * 3,
        size=768,
        sha256="0" * 64,
        state="stored",
        uploaded_by=user,
    )
    batch = Batch.objects.using(alias).create(period=period, number=1, upload=upload)
    Period.objects.using(alias).filter(pk=period.pk).update(batch=batch)
    Position.objects.using(alias).bulk_create(
        Position(
            year=year,
            batch=batch,
            line_id=line.pk + extra,
            service=service,
            current_budget_pence=pence,
            forecast_pence=forecast,
            source=upload,
            source_row=extra + 1,
        )
        for extra, (pence, forecast) in enumerate([(BIG, -BIG - 1), (-BIG - 1, None), (0, 0)])
    )
    act(
        alias,
        "2026-11-22 14:00:00",
        '{"b": 1, "a": {"y": [1.10, 1e3, true, null], "x": "\\u00fc"}}',
    )
    act(alias, "2026-11-22 14:00:00.000001", '"a \\"text\\""')
    act(alias, "2026-06-22 23:59:59.999999", "null")


def contents(alias: str) -> dict[str, list[str]]:
    """Every row of every table, exactly as it is stored."""
    connection = sqlite3.connect(connections[alias].settings_dict["NAME"])
    connection.text_factory = bytes
    names = [table.name for table in tables.tables()]
    found = {name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}"))) for name in names}
    connection.close()
    return found


def is_empty(alias: str) -> bool:
    return not any(
        rows
        for name, rows in contents(alias).items()
        if name not in (*MADE_BY_MIGRATING, *tables.LEFT_OUT)
    )


@pytest.fixture
def source(database):
    alias = database("source")
    fill(alias)
    return alias


@pytest.fixture
def backup(source, tmp_path) -> Path:
    path = tmp_path / "all.backup"
    operations.back_up(path, using=source)
    return path


def reseal(path: Path, change) -> Path:
    """The archive with other members (`change` takes and gives name and content), sealed anew."""
    other = path.with_name("other.backup")
    with zipfile.ZipFile(path) as old, archive.writing(other) as writer:
        for name in old.namelist():
            unpack, pack = (
                (gzip.decompress, gzip.compress) if name.endswith(".gz") else (bytes,) * 2
            )
            writer.zipped.writestr(name, pack(change(name, unpack(old.read(name)))))
    return other


# ------------------------------------------------------------------------ there and back


@pytest.mark.slow
def test_everything_comes_back_byte_for_byte(backup, source, database):
    target = database("target")
    found = operations.restore(backup, using=target)
    before, after = contents(source), contents(target)
    for name, rows in before.items():
        if "JSON" not in {type(f).__name__[:4] for f in _model(name)._meta.concrete_fields}:
            assert after[name] == rows, name
    assert found[TRAIL].rows == 3
    assert found["monitoring_position"].rows == 3
    again = backup.with_name("again.backup")
    assert operations.back_up(again, using=target) == found
    numbers = [archive_manifest(path)["last_numbers"] for path in (backup, again)]
    assert numbers[0] == numbers[1]


def _model(table: str) -> type[models.Model]:
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    return found[table]


def archive_manifest(path: Path) -> dict:
    with zipfile.ZipFile(path) as zipped:
        return json.loads(zipped.read("manifest.json"))


def test_a_back_up_of_format_1_comes_back(backup, source, database):
    """Its lines were compressed by the zip file itself."""
    earlier = backup.with_name("earlier.backup")
    with zipfile.ZipFile(backup) as new, archive.writing(earlier) as writer:
        for name in new.namelist():
            content = new.read(name)
            if name.endswith(".gz"):
                writer.zipped.writestr(name.removesuffix(".gz"), gzip.decompress(content))
            else:
                manifest = content.replace(b'"format": 2', b'"format": 1')
                writer.zipped.writestr(name, manifest)
    target = database("target")
    operations.restore(earlier, using=target)
    assert contents(target)["monitoring_position"] == contents(source)["monitoring_position"]


def test_json_comes_back_with_the_same_meaning(backup, source, database):
    target = database("target")
    operations.restore(backup, using=target)
    for alias in (source, target):
        with connections[alias].cursor() as cursor:
            cursor.execute(f"SELECT detail FROM {TRAIL} ORDER BY id")
            assert [json.loads(row[0]) for row in cursor.fetchall()] == [
                {"b": 1, "a": {"y": [1.1, 1000, True, None], "x": "ü"}},
                'a "text"',
                None,
            ]


def test_a_number_is_never_given_twice(source, database, tmp_path):
    last = BudgetLine.objects.using(source).create(
        year=FinancialYear.objects.using(source).get(),
        cost_centre="GONE",
        account="NET",
        service=Service.objects.using(source).first(),
    )
    number = last.pk
    with connections[source].cursor() as cursor:
        cursor.execute("DELETE FROM monitoring_budgetline WHERE id = %s", [number])
    operations.back_up(tmp_path / "x.backup", using=source)
    target = database("target")
    operations.restore(tmp_path / "x.backup", using=target)
    made = BudgetLine.objects.using(target).create(
        year=FinancialYear.objects.using(target).get(),
        cost_centre="NEW",
        account="NET",
        service=Service.objects.using(target).first(),
    )
    assert made.pk == number + 1


def test_the_manifest_says_what_the_archive_holds(backup, source):
    manifest = archive_manifest(backup)
    assert set(manifest["tables"]) == {table.name for table in tables.tables()}
    assert manifest["tables"]["monitoring_position"]["rows"] == 3
    assert "council_finance.0003_audit_is_only_added_to" in manifest["migrations"]
    assert manifest["left_out"] == ["django_session"]
    with zipfile.ZipFile(backup) as zipped:
        assert zipped.testzip() is None
        assert len(zipped.namelist()) == len(manifest["tables"]) + 1


def test_every_column_of_the_product_is_kept():
    for table in tables.tables():
        for field in table.fields:
            values.to_line(field)
    with pytest.raises(TypeError):
        values.to_line(models.DurationField())
    kept = {table.name for table in tables.tables()} | set(tables.LEFT_OUT)
    assert kept == {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def test_the_file_is_for_its_owner_only_and_never_written_over(backup, source):
    assert backup.stat().st_mode & 0o777 == 0o600
    before = backup.read_bytes()
    with pytest.raises(Refused, match="there already"):
        operations.back_up(backup, using=source)
    assert backup.read_bytes() == before


def test_one_that_fails_half_way_leaves_no_file(source, tmp_path, monkeypatch):
    def fails(connection, table):
        if table.name == "monitoring_upload":
            raise RuntimeError("cut off")
        return iter(())

    monkeypatch.setattr(tables, "lines_of", fails)
    with pytest.raises(RuntimeError):
        operations.back_up(tmp_path / "x.backup", using=source)
    with pytest.raises(Refused, match="cannot be written"):
        operations.back_up(tmp_path / "no" / "x.backup", using=source)
    assert list(tmp_path.glob("*.backup")) + list(tmp_path.glob(".*")) == []


def test_it_is_the_database_at_one_moment(source, tmp_path, monkeypatch):
    """Others write meanwhile, and neither side waits for the other."""
    plain, wrote = tables.lines_of, []

    def lines_while_another_writes(connection, table):
        yield from plain(connection, table)
        other = sqlite3.connect(connections[source].settings_dict["NAME"], timeout=0)
        other.execute(
            f"INSERT INTO {TRAIL} (at, by_name, action, record, detail) "
            "VALUES ('2026-01-01 00:00:00', '', '', '', '{}')"
        )
        other.commit()
        other.close()
        wrote.append(table.name)

    with connections[source].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    monkeypatch.setattr(tables, "lines_of", lines_while_another_writes)
    found = operations.back_up(tmp_path / "x.backup", using=source)
    assert wrote.index("accounts_user") < wrote.index(TRAIL)
    assert found[TRAIL].rows == 3


# ------------------------------------------------------------------------------ refused


def test_one_changed_byte_anywhere_is_told_before_anything_is_written(backup, database):
    target = database("target")
    whole = backup.read_bytes()
    size = len(whole)
    places = {0, 1, size - 1, size - 64, size - 65, size - 86, *range(0, size, max(1, size // 150))}
    for place in places:
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Refused, match="damaged or no back-up"):
            operations.restore(backup, using=target)
    assert is_empty(target)
    backup.write_bytes(whole)
    operations.restore(backup, using=target)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[:500],
        lambda whole: b"",
        lambda whole: whole * 2,
    ],
)
def test_a_cut_off_archive_is_refused(backup, database, damage):
    target = database("target")
    backup.write_bytes(damage(backup.read_bytes()))
    with pytest.raises(Refused, match="damaged or no back-up"):
        operations.restore(backup, using=target)
    assert is_empty(target)


def test_a_database_with_anything_in_it_is_refused(backup, source, database):
    before = contents(source)
    with pytest.raises(Refused, match="not empty"):
        operations.restore(backup, using=source)
    assert contents(source) == before


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM django_migrations WHERE app = 'savings'", "not applied here"),
        (
            "INSERT INTO django_migrations (app, name, applied) VALUES ('savings', '0099_x', '')",
            "Here savings.0099_x is applied",
        ),
    ],
)
def test_an_archive_of_another_version_is_refused(backup, database, sql, said):
    target = database("target")
    with connections[target].cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(Refused, match=said):
        operations.restore(backup, using=target)
    assert is_empty(target)


def test_tables_of_an_earlier_version_are_not_backed_up(source, tmp_path):
    with connections[source].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'savings'")
    with pytest.raises(Refused, match="earlier version"):
        operations.back_up(tmp_path / "x.backup", using=source)


def test_a_row_that_the_database_does_not_take_takes_all_back(backup, database):
    """The last table but a few: much was written before it."""

    def state_nobody_knows(name, content):
        known = b'"position"' in content and b'"stored"' in content
        return content.replace(b'"stored"', b'"eaten"') if known else content

    target = database("target")
    with pytest.raises(Refused, match="monitoring_upload cannot be filled"):
        operations.restore(reseal(backup, state_nobody_knows), using=target)
    assert is_empty(target)


def test_a_row_that_is_not_the_one_of_before_takes_all_back(backup, database):
    target = database("target")
    with pytest.raises(Refused, match="differs from the archive in monitoring_service"):
        operations.restore(
            reseal(backup, lambda name, content: content.replace(b'"ONE"', b'"TWO"')), using=target
        )
    assert is_empty(target)


def test_a_row_that_names_nobody_takes_all_back(backup, database):
    target = database("target")
    with pytest.raises(Refused, match="points at nothing"):
        operations.restore(
            reseal(backup, lambda name, content: b"" if "financialyear" in name else content),
            using=target,
        )
    assert is_empty(target)


# ------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        (models.DateTimeField(), "2026-11-22 14:00:00", "2026-11-22T14:00:00.000000+00:00"),
        (models.DateTimeField(), "2026-11-22 15:00:00.5+01:00", "2026-11-22T14:00:00.500000+00:00"),
        (models.BinaryField(), b"\x00\xff", "AP8="),
        (models.BinaryField(), memoryview(b"\x00\xff"), "AP8="),
        (models.UUIDField(), "6" * 32, "66666666-6666-6666-6666-666666666666"),
        (models.BooleanField(), 1, True),
        (models.JSONField(), '{"b": 1, "a": 2}', '{"a":2,"b":1}'),
        (models.JSONField(), "[1e+16, 0.10, -2.5E-3]", "[10000000000000000,0.10,-0.0025]"),
        (models.JSONField(), '{"é": [1.5, "1.5", {"b": 1.5, "a": null}]}', None),
    ],
)
def test_the_same_value_is_the_same_line_whatever_the_database(field, value, line):
    expected = line or '{"\\u00e9":[1.5,"1.5",{"a":null,"b":1.5}]}'
    assert values.to_line(field)(value) == expected


@pytest.mark.parametrize(
    ("value", "copied"),
    [
        (None, r"\N"),
        ("\\N\t\n\r", r"\\N\t\n\r"),
        (b"\x00\xff", r"\\x00ff"),
        (True, "True"),
        (-(2**63), "-9223372036854775808"),
        ('{"a":"\\u0000"}', '{"a":"\\\\u0000"}'),
    ],
)
def test_what_copy_reads(value, copied):
    assert values.for_copy(value) == copied


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        (models.TextField(), "a\x00b", True),
        (models.TextField(), "a\\u0000b", False),
        (models.JSONField(), '{"a":"\\u0000"}', True),
        (models.JSONField(), '{"a":"\\\\\\u0000"}', True),
        (models.JSONField(), '{"a":"\\\\u0000"}', False),
    ],
)
def test_a_nul_that_postgresql_cannot_keep_is_told(field, value, refused):
    convert = values.from_line(field)
    made = convert(value) if convert else value
    if refused:
        with pytest.raises(Refused, match="NUL"):
            values.for_copy(made)
    else:
        assert values.for_copy(made)


# ----------------------------------------------------------------------------- commands


def test_the_commands_print_counts_and_checksums(source, database, tmp_path, capsys, monkeypatch):
    target, path = database("target"), tmp_path / "x.backup"
    _as_default(monkeypatch, source)
    call_command("back_up", path)
    made = capsys.readouterr().out.splitlines()
    _as_default(monkeypatch, target)
    call_command("restore", path)
    restored = capsys.readouterr().out.splitlines()
    assert made[:-1] == restored[:-1]
    assert re.search(r"^ +3  [0-9a-f]{64}  monitoring_position$", "\n".join(made), re.M)
    assert "every count and checksum" in restored[-1]
    with pytest.raises(SystemExit) as ended:
        call_command("restore", path)
    assert ended.value.code == 1
    assert "not empty" in capsys.readouterr().err


def _as_default(monkeypatch, alias: str) -> None:
    monkeypatch.setattr("council_finance.commands.make_tables", lambda: None)
    monkeypatch.setattr("council_finance.upkeep.note", lambda **_: None)
    for function in ("back_up", "restore"):
        plain = getattr(operations, function)
        monkeypatch.setattr(
            f"council_finance.management.commands.{function}.{function}",
            lambda path, plain=plain: plain(path, using=alias),
        )


# ------------------------------------------------------------------ the configured server

SERVER = os.environ.get("DATABASE_URL", "")
HAS_SERVER = SERVER.startswith("postgres")


@pytest.fixture
def server(django_db_blocker):
    """Make databases on the configured server: `server()` answers the address of an empty one."""
    made = []

    def make(template: str = "template0") -> str:
        made.append(f"kept_{os.getpid()}_{len(made)}")
        _sql(f'CREATE DATABASE "{made[-1]}" TEMPLATE "{template}"')
        return re.sub(r"/[^/]*$", f"/{made[-1]}", SERVER)

    with django_db_blocker.unblock():
        yield make
    for name in made:
        _sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def _sql(sql: str) -> None:
    connection = psycopg2.connect(SERVER)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def run(folder: Path, url: str, *arguments: object) -> subprocess.CompletedProcess:
    kept = {key: value for key, value in os.environ.items() if key != "CELERY_BROKER_URL"}
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=kept | {"DATABASE_URL": url, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.worker
def test_one_command_moves_a_council_and_proves_it(source, server, database, tmp_path, monkeypatch):
    """From SQLite to the configured server; there it is backed up and restored once more."""
    other = Position.objects.using(source).latest("line_id")
    other.year_id += 1  # two parts of the table
    Position.objects.using(source).bulk_create([other])
    old = f"sqlite:///{connections[source].settings_dict['NAME']}"
    new = server() if HAS_SERVER else f"sqlite:///{tmp_path / 'new.sqlite3'}"
    moved = run(tmp_path, old, "move_database", "--to", new)
    assert moved.returncode == 0, moved.stderr
    assert "every count and checksum is that of the old database" in moved.stdout
    (between,) = tmp_path.glob("before-the-move-*.backup")
    first = archive_manifest(between)

    monkeypatch.setattr(foreign_keys, "MANY_ROWS", 0)  # as of large tables
    parts = ("tables", "last_numbers", "migrations")
    for number, make in enumerate((server,) * HAS_SERVER + (None,)):
        path = tmp_path / f"after-{number}.backup"
        with known_as("moved", new):
            operations.back_up(path, using="moved")
        found = archive_manifest(path)
        assert [found[part] for part in parts] == [first[part] for part in parts]
        if make is not None:
            new = _restored(make, new, path)
    back = database("back")
    operations.restore(path, using=back)
    assert contents(back)["monitoring_upload"] == contents(source)["monitoring_upload"]


def _restored(make, url: str, path: Path) -> str:
    """Another database of the server, with the tables of the one at `url`, filled from the file."""
    empty = make(template=url.rsplit("/", 1)[1])
    _empty(empty)
    with known_as("again", empty):
        operations.restore(path, using="again")
    return empty


def _empty(url: str) -> None:
    """Leave the tables and what migrating writes."""
    names = {table.name for table in tables.tables()} - set(MADE_BY_MIGRATING)
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(sorted(names))} RESTART IDENTITY")
        cursor.execute(f"ALTER TABLE {TRAIL} ENABLE TRIGGER USER")
    connection.close()


@contextlib.contextmanager
def known_as(alias: str, url: str):
    """Let the product know the database at `url` under that name."""
    given = dj_database_url.parse(url)
    handler = ConnectionHandler({"default": given, alias: given})
    connections.settings[alias] = handler.settings[alias]
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]
