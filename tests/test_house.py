"""The rules of the house that no linter knows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLACES = ("customers", "maintenance", "notifier", "templates", "tests", "docs", ".ci")
READ = {".py", ".html", ".txt", ".md", ".toml", ".css", ".js", ".po", ".ics", ".sh"}
MOST_LINES = 300
NAMES_THAT_SAY_NOTHING = re.compile(r"(utils?|common|helpers?|services|managers?|misc|core|base)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|home|Users|work)/\w")
BARE_EXCEPTION = re.compile(r"# (?:noqa(?!: [A-Z0-9, ]+  # \S)|type: ignore(?!\[[\w, -]+\]  # \S))")
LEFT_OPEN = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
ADDRESS = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}\b")
RESERVED = re.compile(r"(?:\.|@)(?:example|test|invalid|localhost|example\.(?:com|net|org))$")


def _files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and (path.suffix in {".py", ".md", ".toml"} or path.name == "Makefile"))
    for place in PLACES:
        for path in (ROOT / place).rglob("*"):
            if path.is_file() and (path.suffix in READ or path.parent.name == ".ci") and ROOT / "tests" / "data" not in path.parents:
                yield path


def _written() -> list[Path]:
    return sorted(_files())


def _lines_with(pattern: re.Pattern[str], *, suffixes: set[str] | None = None) -> list[str]:
    found = []
    for path in _written():
        if path == Path(__file__) or (suffixes and path.suffix not in suffixes):  # this file shows what is forbidden
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found += [f"{path.relative_to(ROOT)}:{number}: {match.group()}" for match in pattern.finditer(line)]
    return found


def test_files_are_found() -> None:
    """The checks below look at something."""
    names = {str(path.relative_to(ROOT)) for path in _written()}
    assert {"Makefile", "manage.py", "notifier/settings.py", "tests/test_house.py", ".ci/run"} <= names


def test_source_file_is_short() -> None:
    """A file that grows past the limit is two things; migrations and tests' golden files are written by machines."""
    written = [path for path in _written() if path.suffix in {".py", ".html"} and not {"migrations", "golden"} & set(path.parts)]
    counts = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert {name: count for name, count in counts.items() if count > MOST_LINES} == {}


def test_name_says_what_is_inside() -> None:
    """Such names gather whatever has no place."""
    parts = {str(path.relative_to(ROOT)): (path.stem, *path.relative_to(ROOT).parts[:-1]) for path in _written()}
    assert [name for name, words in parts.items() if any(NAMES_THAT_SAY_NOTHING.fullmatch(word) for word in words)] == []


def test_no_path_of_a_machine() -> None:
    """A clone works wherever it lies."""
    assert _lines_with(MACHINE_PATH) == []


def test_address_is_reserved() -> None:
    """Demo and test mail can reach nobody: RFC 2606 and RFC 6761 names only."""
    assert [line for line in _lines_with(ADDRESS) if not RESERVED.search(line)] == []


def test_exception_to_a_rule_has_a_reason() -> None:
    """``# noqa: X  # reason`` and ``# type: ignore[x]  # reason``."""
    assert _lines_with(BARE_EXCEPTION, suffixes={".py"}) == []


def test_nothing_is_left_open() -> None:
    """What is not done stands in an issue, where it is seen."""
    assert _lines_with(LEFT_OPEN) == []


def test_package_of_tests_has_init() -> None:
    """Two test files of one name in different folders need it."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py") if ROOT / "tests" / "data" not in path.parents}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        (MACHINE_PATH, "see /root/notes", True),
        (MACHINE_PATH, "https://x.example/work/notes", False),
        (BARE_EXCEPTION, "x = 1  # noqa", True),
        (BARE_EXCEPTION, "x = 1  # noqa: E501", True),
        (BARE_EXCEPTION, "x = 1  # noqa: E501  # a table", False),
        (BARE_EXCEPTION, "x = 1  # type: ignore[misc]", True),
        (BARE_EXCEPTION, "x = 1  # type: ignore[misc]  # Django's own", False),
        (LEFT_OPEN, "# TODO later", True),
    ],
)
def test_pattern_finds_what_it_is_for(pattern: re.Pattern[str], line: str, found: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """Each pattern above can fail."""
    assert (pattern.search(line) is not None) == found
