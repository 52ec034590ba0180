"""Check the plain English of names, docstrings and comments (docs/development.md, "Words").

`python .ci/lint_words.py` reads every module of the product and prints each finding with its place;
it returns 1 where there is one.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPS = (
    *(path.parent.name for path in sorted(ROOT.glob("[a-z]*/__init__.py"))),
    "deploy",
)
"""Every package of the project, but for those of tests and benchmarks."""
NOT_THE_PRODUCT = ("tests", "benchmarks")
RIDDLES = re.compile(
    r"\b(what becomes of|what stands|as it stands|stands? (?:before|beside|for itself)|"
    r"is told apart|are told apart|tells? apart|brought in|brings in|is asked for|whence|"
    r"as things stand|may well)\b",
    re.IGNORECASE,
)
"""Turns of phrase that a reader has to decode; say what is returned, stored, shown or refused."""
NAMED_BY_LIBRARIES = ("_put", "_get", "_size", "_purge", "_delete")
"""Hooks of kombu's channels (council_finance/broker.py)."""
QUESTIONS = ("What ", "Whether ", "How ", "Why ", "Who ", "Where ", "Which ")


def modules() -> Iterator[Path]:
    """Yield the product's modules, but for migrations."""
    for top in TOPS:
        if top in NOT_THE_PRODUCT:
            continue
        yield from (
            path for path in sorted((ROOT / top).rglob("*.py")) if "migrations" not in path.parts
        )


def name_findings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield private functions of one word, and parameters typed plain `dict`."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if re.fullmatch(r"_[a-z0-9]+", node.name) and node.name not in NAMED_BY_LIBRARIES:
            yield node.lineno, f"{node.name}: name what it does in a verb and a noun"
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None and ast.unparse(argument.annotation) == "dict":
                yield node.lineno, f"{node.name}: say what the dictionary {argument.arg} holds"


def docstring_findings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield docstrings of functions that begin with a question."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node) or ""
            if text.startswith(QUESTIONS):
                yield node.lineno, f"{node.name}: begin with what it does (“Return …”)"


def riddle_findings(source: str) -> Iterator[tuple[int, str]]:
    """Yield turns of phrase in comments and docstrings that have to be decoded."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_text = token.type == tokenize.COMMENT or token.string.startswith('"""')
        if is_text and (found := RIDDLES.search(token.string)):
            yield token.start[0], f"“{found[0]}”: say it in plain words"


def main() -> int:
    """Print every finding; return 1 where there is one."""
    count = 0
    for path in modules():
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        findings = (*name_findings(tree), *docstring_findings(tree), *riddle_findings(source))
        for line, text in sorted(findings):
            print(f"{path.relative_to(ROOT)}:{line}: {text}")
            count += 1
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main())
