"""Which module may import which: the rules, and what breaks them in a project's folder."""

import ast
import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

FOUNDATION, MONITORING = "council_finance", "monitoring"
ROOMS = {
    # room: the rooms of its own app that it must not know
    "models": ("services", "selectors", "pipeline", "tasks", "views", "statements", "checks"),
    "selectors": ("services", "pipeline", "tasks", "views", "upload_kinds"),
    "pipeline": ("services", "tasks", "views"),
    "upload_kinds": ("services", "tasks", "views", "statements"),
    "tasks": ("services", "views", "models", "selectors"),
    "services": ("views", "forms", "statements", "checks"),
    "statements": ("services", "pipeline", "tasks", "views", "models"),
    "checks": ("services", "tasks", "views", "pipeline"),
    "charts": ("services", "selectors", "pipeline", "tasks", "views", "models"),
    "panels": ("services", "pipeline", "tasks", "views", "models"),
    "month_steps": ("services", "pipeline", "tasks", "views"),
    "views": ("models", "pipeline", "tasks", "calculations", "upload_kinds", "statements"),
    "management": ("models", "pipeline", "tasks", "calculations", "upload_kinds", "statements"),
}


@dataclass(frozen=True)
class Module:
    """A module of the project: its dotted name, its code, and the modules that it imports."""

    name: str
    path: Path
    tree: ast.Module
    imports: frozenset[str]
    is_relative: bool

    @property
    def app(self) -> str:
        """The app, or the foundation, that it belongs to."""
        return self.name.split(".")[0]


@dataclass(frozen=True)
class Project:
    """The project in a folder, with the apps that its settings install."""

    root: Path
    apps: tuple[str, ...]

    @cached_property
    def modules(self) -> list[Module]:
        """Every module of the foundation and of the apps."""
        return [
            _read_module(self.root, path)
            for top in (FOUNDATION, *self.apps)
            for path in sorted((self.root / top).rglob("*.py"))
        ]

    @cached_property
    def pure(self) -> tuple[str, ...]:
        """The packages without Django, as import-linter's contract lists them."""
        contracts = configparser.ConfigParser()
        contracts.read(self.root / ".ci" / "import_contracts.ini", encoding="utf-8")
        return tuple(contracts["importlinter:contract:pure"]["source_modules"].split())

    @cached_property
    def _overview(self) -> str:
        return (self.root / MONITORING / "README.md").read_text(encoding="utf-8")

    @cached_property
    def subjects(self) -> list[str]:
        """The packages of monitoring, each of which imports only those before it."""
        return re.findall(r"^\| `(\w+)` \|", self._overview, re.M)

    @cached_property
    def offered(self) -> set[str]:
        """The modules of monitoring that other apps may import."""
        return set(re.findall(r"^- `(monitoring[\w.]+)`$", self._overview, re.M))

    def room_of(self, name: str) -> str:
        """The room of a module: its place in its app, or in its subject's package."""
        parts = name.split(".")[1:]
        if name.startswith(f"{MONITORING}.") and parts[0] in self.subjects:
            parts = parts[1:]
        return "upload_kinds" if parts[:1] == ["upload_kind"] else (parts[0] if parts else "")

    def subject_of(self, name: str) -> str | None:
        """The package of monitoring that a module belongs to."""
        parts = name.split(".")
        known = parts[0] == MONITORING and parts[1:2] and parts[1] in self.subjects
        return parts[1] if known else None

    def is_pure(self, name: str) -> bool:
        """Whether a module may not import Django.

        As in import-linter, `*` is any one name of a path and `**` any number of them.
        """
        return any(re.fullmatch(_pattern_of(each), name) for each in self.pure)

    def faults(self) -> list[str]:
        """What breaks a rule, in a line each."""
        return [fault for module in self.modules for fault in _faults_of(module, self)]


@cache
def _pattern_of(package: str) -> str:
    """The regular expression of a package's name, with whatever is in the package."""
    names = {"*": r"\w+", "**": r"[\w.]+"}
    return r"\.".join(names.get(each, each) for each in package.split(".")) + r"(\.[\w.]+)?"


def within(name: str, package: str) -> bool:
    """Whether a name is that of a package or of something in it."""
    return name == package or name.startswith(f"{package}.")


def statements_in(tree: ast.Module) -> Iterator[ast.AST]:
    """Walk through statements and handlers alone: expressions are nine tenths of a tree."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting.extend(getattr(node, name, ()))


def _read_module(root: Path, path: Path) -> Module:
    """Read what a module imports, without what it imports for its annotations alone."""
    found, is_relative = set(), False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    for node in statements_in(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            is_relative = is_relative or node.level > 0
            found |= {node.module or ""}
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, path, tree, frozenset(found), is_relative)


def _faults_of(module: Module, project: Project) -> Iterator[str]:
    name = module.name
    if module.is_relative:
        yield f"{name} has a relative import"
    if project.is_pure(name) and any(within(each, "django") for each in module.imports):
        yield f"{name} is pure and imports django"
    for app in project.apps:
        if _is_forbidden(module.app, app) and any(within(each, app) for each in module.imports):
            yield f"{name} imports {app}"
    yield from _room_faults(module, project)
    yield from _subject_faults(module, project)
    if module.app not in (FOUNDATION, MONITORING):
        yield from _faults_with_monitoring(module, project)


def _is_forbidden(importer: str, app: str) -> bool:
    """Whether no module of the one may import the other: beside monitoring, apps are strangers."""
    return importer != app and (importer in (FOUNDATION, MONITORING) or app != MONITORING)


def _room_faults(module: Module, project: Project) -> Iterator[str]:
    forbidden = ROOMS.get(project.room_of(module.name), ())
    for each in sorted(module.imports):
        if within(each, module.app) and project.room_of(each) in forbidden:
            yield f"{module.name} imports {each}"


def _subject_faults(module: Module, project: Project) -> Iterator[str]:
    """Tables apart: any subject may read any table."""
    own = project.subject_of(module.name)
    for each in sorted(module.imports) if own else ():
        other = project.subject_of(each)
        if other is None or project.room_of(each) == "models":
            continue
        if project.subjects.index(other) > project.subjects.index(own):
            yield f"{module.name} imports {each}"


def _faults_with_monitoring(module: Module, project: Project) -> Iterator[str]:
    for node in statements_in(module.tree):
        if isinstance(node, ast.ImportFrom) and within(node.module or "", MONITORING):
            if node.module not in project.offered:
                yield f"{module.name} imports {node.module}, which monitoring does not offer"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if within(alias.name, MONITORING) and alias.name not in project.offered:
                    yield f"{module.name} imports {alias.name}, which monitoring does not offer"
