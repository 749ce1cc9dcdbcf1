import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import dupdetect
from dupdetect import errors

PACKAGE = Path(dupdetect.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def relative(path):
    return path.relative_to(PACKAGE).as_posix()


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path):
    return relative(path).split("/")[0].removesuffix(".py")


# Who may know whom; a room knows itself and those named. The package, its command line and
# __main__ know everything, and nobody knows them.
VALUES = {"results", "config", "errors"}
KNOWS = {
    "results": set(),
    "config": {"errors"},
    "errors": set(),
    "text": VALUES,
    "sketch": VALUES | {"text"},
    "match": VALUES | {"text", "sketch"},
    "evidence": VALUES | {"text", "sketch", "match"},
    "provenance": VALUES | {"match"},
    "reference": VALUES | {"text", "sketch", "match"},
    "assembly": VALUES | {"text", "sketch", "match", "evidence"},
    "detector": VALUES | {"text", "sketch", "match", "evidence", "assembly", "provenance"},
    "corpus": VALUES | {"text", "sketch", "match", "provenance"},
    "report": VALUES,
}

# Named by a method, and imported when it is called: a notebook, for one, finds what it shows of a
# report on the report itself, which knows no formats.
LATE = {"results": {"report"}}

# One door per dependency: who may import it.
DOORS = {
    "ftfy": {"text/repair.py"},
    "charset_normalizer": {"text/decoding.py"},
    "datasketch": {"sketch/signatures.py"},
    "sklearn": {"evidence/sentences.py"},
    "scipy": {
        "corpus/pairs.py",
        "evidence/sentences.py",
        "evidence/stretches.py",
        "match/boilerplate.py",
        "match/distribution.py",
        "match/families.py",
        "match/joins.py",
        "match/linkage.py",
        "match/overlap.py",
        "match/resemblance.py",
    },
    "wordfreq": {"text/background.py"},
    "numba": {"sketch/kernels_numba.py"},
    "pyarrow": {"corpus/parquet.py"},
    "backports": {"corpus/streams.py"},
    "compression": {"corpus/streams.py"},
    "jinja2": {"report/html.py"},
    "markupsafe": {"report/html.py"},
    "pandas": {"report/dataframes.py"},
    "rich": {"report/terminal.py", "report/safe_text.py", "cli.py"},
    "click": {"cli.py"},
}

# The outside world: only reading, the out-of-core pipeline and the command line touch it.
WORLD = {"text/reading.py", "text/decoding.py", "cli.py"} | {
    relative(path) for path in MODULES if room(path) == "corpus"
}
# Draws from a null are random, and seeded by their caller.
SEEDED = {"match/null.py": {"random"}}
NEVER_IMPORTED = {"pickle", "joblib"}
FORBIDDEN_CALLS = {"open", "print", "exit", "input", "breakpoint", "eval", "exec"}
FORBIDDEN_IMPORTS = {"random", "time", "datetime", "pickle", "joblib", "logging", "socket"}


@pytest.mark.parametrize("path", [each for each in MODULES if room(each) in KNOWS], ids=relative)
def test_imports_point_one_way(path):
    allowed = KNOWS[room(path)] | {room(path)} | LATE.get(room(path), set())
    known = {name.split(".")[1] for name in imports(path) if name.startswith("dupdetect.")}
    assert known - {"__version__"} <= allowed


@pytest.mark.parametrize("path", [each for each in MODULES if room(each) in LATE], ids=relative)
def test_what_is_imported_late_is_not_imported_at_once(path):
    late = LATE[room(path)]
    code = f"import sys, dupdetect.{room(path)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {f"dupdetect.{each}" for each in late} & set(done.stdout.split())


def test_only_the_page_knows_its_views():
    known = {
        relative(path)
        for path in MODULES
        if any(name.startswith("dupdetect.report.views") for name in imports(path))
    }
    assert {each for each in known if not each.startswith("report/views/")} == {"report/html.py"}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_each_dependency_comes_in_by_its_own_door(path):
    packages = {name.split(".")[0] for name in imports(path)}
    for package, doors in DOORS.items():
        assert package not in packages or relative(path) in doors


@pytest.mark.parametrize(
    "path", [each for each in MODULES if relative(each) not in WORLD], ids=relative
)
def test_only_reading_and_the_command_line_touch_the_outside_world(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & FORBIDDEN_CALLS
    forbidden = FORBIDDEN_IMPORTS - SEEDED.get(relative(path), set())
    assert not {name.split(".")[0] for name in imports(path)} & forbidden


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_is_ever_pickled(path):
    assert not {name.split(".")[0] for name in imports(path)} & NEVER_IMPORTED
    assert "allow_pickle=True" not in path.read_text(encoding="utf-8")


def test_the_public_names_are_sorted_complete_and_documented():
    assert dupdetect.__all__ == sorted(dupdetect.__all__)
    assert set(dupdetect.__all__) == set(dupdetect._HOMES)
    for name in dupdetect.__all__:
        assert inspect.getdoc(getattr(dupdetect, name)), name
    assert set(dupdetect.__all__) <= set(dir(dupdetect))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'detekt'"):
        dupdetect.detekt  # noqa: B018


def test_every_error_is_drawn_in_the_tree_and_is_a_value_error():
    for name, value in vars(errors).items():
        if inspect.isclass(value) and issubclass(value, errors.DupdetectError):
            assert name in errors.__doc__
            assert value is errors.DupdetectError or issubclass(value, ValueError)


def test_importing_the_package_loads_no_heavy_library():
    heavy = "numpy", "scipy", "sklearn", "ftfy", "datasketch", "rich", "jinja2", "pandas"
    code = f"import sys, dupdetect; print([n for n in {heavy!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
