"""The rules of the layout, read from the source: who may import whom, who knows what, how big a thing may be."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from contracts.checking import between
from pipeline_jobs.state import ledger

ROOT = Path(__file__).parents[2]
OURS = ("contracts", "function", "ingest", "pipeline_jobs", "local", "infra", "samples", "bench")
PRODUCT = sorted(
    path for name in ("main.py", *OURS) for path in (ROOT / name, *(ROOT / name).rglob("*.py")) if path.is_file()
)
EVERYTHING = [*PRODUCT, *sorted((ROOT / "tests").rglob("*.py"))]
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
MAX_ROOM_FILES = {"function": 20}  # one small module for each act of an event
MAX_FILES_IN_A_ROOM = 12

ROOMS: list[tuple[str, set[str]]] = [
    ("contracts/notation", {"contracts/notation"}),
    ("contracts/parsing", {"contracts/parsing", "contracts/names", "contracts/notation"}),
    ("contracts/names", {"contracts/names", "contracts/files"}),
    ("contracts/files", {"contracts/files", "contracts/notation"}),
    ("contracts/expressions", {"contracts/expressions"}),
    (
        "contracts/checking",
        {
            "contracts/checking",
            "contracts/expressions",
            "contracts/names",
            "contracts/notation",
            "contracts/parsing",
        },
    ),
    ("pipeline_jobs/reading", {"pipeline_jobs/reading"}),
    ("pipeline_jobs/judging", {"pipeline_jobs/judging"}),
    ("pipeline_jobs/engines", {"pipeline_jobs/engines", "pipeline_jobs/reading"}),
    ("pipeline_jobs/state", {"pipeline_jobs/state", "pipeline_jobs/engines"}),
    (
        "pipeline_jobs/merging",
        {f"pipeline_jobs/{room}" for room in ("merging", "state", "engines", "judging")},
    ),
    (
        "pipeline_jobs/operations",
        {f"pipeline_jobs/{room}" for room in ("operations", "merging", "state", "engines", "judging", "reading")},
    ),
    ("pipeline_jobs/publishing", {f"pipeline_jobs/{room}" for room in ("publishing", "state", "engines")}),
    ("pipeline_jobs/rebuilding", {f"pipeline_jobs/{room}" for room in ("rebuilding", "state", "engines")}),
    (
        "pipeline_jobs/tasks",
        {f"pipeline_jobs/{room}" for room in ("tasks", "steps", "operations", "rebuilding", "state")},
    ),
    (
        "pipeline_jobs/steps",
        {
            f"pipeline_jobs/{room}"
            for room in ("steps", "operations", "rebuilding", "merging", "state", "engines", "judging", "reading")
        },
    ),
    ("pipeline_jobs/workflow", {"pipeline_jobs/workflow"}),
    ("pipeline_jobs/bundle", {"pipeline_jobs/bundle", "pipeline_jobs/workflow"}),
    ("function/sweeping", {"function/sweeping"}),
    ("ingest/drafting", {"ingest/drafting"}),
    ("ingest/rebuilding", {"ingest/rebuilding", "ingest/targets"}),
    ("ingest/trying", {"ingest/trying"}),
    ("ingest/targets", {"ingest/targets"}),
    ("ingest/warehouse", {"ingest/warehouse"}),
    ("ingest/operating", {"ingest/operating", "ingest/targets", "ingest/trying"}),
    ("ingest/undoing", {"ingest/undoing", "ingest/operating", "ingest/targets"}),
    (
        "ingest/board",
        {f"ingest/{room}" for room in ("board", "operating", "rebuilding", "targets", "trying", "undoing")},
    ),
]
WITHIN_ROOMS: list[tuple[str, set[str]]] = [
    ("pipeline_jobs/reading/excel", {"piece", "request", "unpacking"}),
    ("pipeline_jobs/engines/rewriting", {"conforming", "engine"}),
    ("pipeline_jobs/engines/versions", set()),
    ("pipeline_jobs/state/entries", {"history"}),
    ("ingest/operating/statements", set()),
    ("ingest/board/changing", {"file_page", "kept"}),
]


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("contracts", {"contracts"}),
        ("function", {"function", "contracts"}),
        ("main.py", {"function", "contracts"}),
        ("pipeline_jobs", {"pipeline_jobs", "contracts"}),
        ("ingest", {"ingest", "pipeline_jobs", "contracts"}),  # in the wheel, where the local stack is not
        ("samples", {"samples"}),
        ("local", {"local", "pipeline_jobs", "contracts", "samples"}),
    ],
)
def test_imports_point_inward(package: str, allowed: set[str]) -> None:
    """contracts needs nothing of ours; function and job need it and never each other; nobody needs the local stack."""
    files = _within(package)

    wrong = {f"{_name(path)} imports {name}" for path in files for name in _imports(path) if _top(name) in OURS}

    assert {line for line in wrong if _top(line.split(" imports ")[1]) not in allowed} == set()


@pytest.mark.parametrize(("room", "allowed"), ROOMS)
def test_rooms_build_on_each_other_one_way(room: str, allowed: set[str]) -> None:
    """Within a package, too, each room knows only those below it; what stands on top, all may know."""
    package = _top(room.replace("/", "."))
    files = [path for path in PRODUCT if _name(path).startswith(f"{room}/")]

    known = {f"{package}/{name.split('.')[1]}" for path in files for name in _imports(path) if _top(name) == package}

    assert {one for one in known if (ROOT / one).is_dir()} - allowed == set()


@pytest.mark.parametrize(("room", "allowed"), WITHIN_ROOMS)
def test_a_room_within_a_room_knows_little_of_it(room: str, allowed: set[str]) -> None:
    """It stands on a few modules of the room around it; all others there may know it."""
    around = room.rpartition("/")[0].replace("/", ".") + "."
    files = [path for path in PRODUCT if _name(path).startswith(f"{room}/")]

    known = {name.removeprefix(around).split(".")[0] for path in files for name in _imports(path) if around in name}

    assert known - {room.rpartition("/")[2]} == allowed


def test_every_room_is_named() -> None:
    """One that a test of directions does not name may know whatever it likes."""
    named = {room for room, _ in (*ROOMS, *WITHIN_ROOMS)}
    packages = ("contracts", "function", "pipeline_jobs", "ingest")

    rooms = {_name(path.parent) for path in PRODUCT if path.name == "__init__.py" and path.parent.parent != ROOT}

    assert {room for room in rooms if _top(room.replace("/", ".")) in packages} == named


def test_no_module_needs_itself() -> None:
    """Also not by way of what stands on top, which all rooms may know."""
    needs = {
        path: {module for name in _imports(path) if _top(name) in OURS for module in _modules(name)} - {path}
        for path in PRODUCT
    }

    order = list(TopologicalSorter(needs).static_order())  # raises CycleError, which names the modules

    assert set(PRODUCT) <= set(order)


@pytest.mark.parametrize("package", ["contracts", "pipeline_jobs", "function", "ingest"])
def test_a_room_holds_what_one_can_look_over(package: str) -> None:
    """At most a dozen files stand side by side."""
    rooms = {path.parent for path in _within(package)}

    sizes = {_name(room): len([path for path in room.glob("*.py") if path.name != "__init__.py"]) for room in rooms}

    assert {name: size for name, size in sizes.items() if size > MAX_ROOM_FILES.get(name, MAX_FILES_IN_A_ROOM)} == {}


def test_the_folder_that_users_write_in_holds_contracts_and_nothing_else() -> None:
    """feeds/ is what FEEDS_FOLDER names, too."""
    left = {path.name for path in (ROOT / "feeds").iterdir() if not path.name.endswith(".odcs.yaml")}

    assert left - {"__pycache__"} == set()


def test_nobody_imports_from_the_tests() -> None:
    """The product stands without its tests."""
    wrong = [_name(path) for path in PRODUCT for name in _imports(path) if _top(name) in ("tests", "conftest")]

    assert wrong == []


@pytest.mark.parametrize(
    ("library", "within", "knowing"),
    [
        ("databricks", ("function", "main.py"), {"function/workspace.py"}),
        ("google", ("function", "main.py"), {"function/storage.py"}),
        ("pyspark", ("function", "main.py", "contracts"), set()),
        ("pyarrow", ("function", "main.py", "contracts"), set()),
        ("sqlglot", ("function", "main.py"), set()),
        (
            "sqlglot",
            ("contracts",),
            {
                "contracts/expressions/parsed.py",
                "contracts/expressions/allowed.py",
                "contracts/expressions/portable.py",
                "contracts/expressions/typed.py",
                "contracts/expressions/grouping.py",
                "contracts/expressions/queries.py",
                "contracts/checking/summaries.py",
            },
        ),
        ("jsonschema", ("function", "main.py", "contracts", "pipeline_jobs"), {"contracts/checking/standard.py"}),
        ("typer", ("function", "main.py", "contracts", "pipeline_jobs"), set()),
        ("rich", ("function", "main.py", "contracts", "pipeline_jobs"), set()),
        ("pydantic", ("function", "main.py", "contracts", "pipeline_jobs"), set()),
        ("google", ("contracts", "pipeline_jobs"), set()),
        ("databricks", ("contracts",), set()),
        ("databricks", ("pipeline_jobs",), {"pipeline_jobs/publishing/credential.py"}),
        ("duckdb", ("local",), {"local/bigquery/tables.py", "local/bigquery/jobs.py", "local/bigquery/sql.py"}),
        (
            "databricks",
            ("ingest",),
            {"ingest/targets/sdk.py", "ingest/targets/tables.py", "ingest/targets/target.py"},
        ),
        ("google", ("ingest",), {"ingest/targets/storage.py", "ingest/targets/options.py"}),
        (
            "flask",
            ("ingest",),
            {
                *("ingest/board/app.py", "ingest/board/live.py"),
                *(f"ingest/board/changing/{one}.py" for one in ("feed_pages", "file_pages", "routes", "sent")),
                *("ingest/board/changing/sweeping.py", "ingest/board/changing/uploads.py"),
            },
        ),
        ("werkzeug", ("ingest",), {"ingest/board/serving.py", "ingest/board/changing/uploads.py"}),
        ("sqlglot", ("local",), {"local/warehouse/reading.py"}),
    ],
)
def test_one_module_knows_each_library(library: str, within: tuple[str, ...], knowing: set[str]) -> None:
    """A client is behind one adapter, so that it can be replaced, and loaded only where it is needed.

    Imports for the type checker alone do not count.
    """
    files = [path for package in within for path in _within(package)]

    found = {_name(path) for path in files for name in _imports(path) if _top(name) == library}

    assert found - knowing == set()


def test_one_module_makes_the_text_of_others_fit_for_a_terminal() -> None:
    """rich's own escape leaves control characters as they are."""
    found = {_name(path) for path in PRODUCT for name in _imports(path) if name.startswith("rich.markup")}

    assert found == {"local/show.py"}


@pytest.mark.parametrize("library", ["deltalake", "pysail", "delta"])
def test_only_the_engines_know_an_engine(library: str) -> None:
    """Where engines differ there is one adapter; the job's logic is written once, for all of them."""
    found = {_name(path) for path in _within("pipeline_jobs") for name in _imports(path) if _top(name) == library}

    assert {name for name in found if not name.startswith("pipeline_jobs/engines/")} == set()


@pytest.mark.parametrize("sql", [r"\bdelta\b", r"\bmerge\s+into\b", r"\bcreate\s+(or\s+replace\s+)?(table|view)\b"])
def test_only_the_engines_write_delta_and_its_statements(sql: str) -> None:
    """Formats and statements that change a table are the adapters' business, as BigQuery's are of the one to it."""
    adapters = {"engines", "publishing"}
    files = [path for path in _within("pipeline_jobs") if not adapters & set(path.parts)]

    found = [f"{_name(path)}: {text}" for path in files for text in _texts(path) if re.search(sql, text, re.IGNORECASE)]

    assert found == []


def test_the_check_of_contracts_stays_out_of_the_function_and_the_job() -> None:
    """What an event or a run does not need is not imported for it."""
    heavy = {"jsonschema", "open_data_contract_standard", "pydantic"}

    for_function = _libraries_behind(("main.py", "function"))
    for_job = _libraries_behind(("pipeline_jobs",))

    assert for_function & {*heavy, "sqlglot"} == set()
    assert for_job & heavy == set()


def test_table_names_are_composed_in_one_place() -> None:
    """The ledger's name stands in its module; a feed's tables are named by its contract."""
    files = [path for package in ("function", "main.py", "pipeline_jobs") for path in _within(package)]

    found = {
        (_name(path), text)
        for path in files
        for text in _texts(path)
        if text in (ledger.TABLE, "_stage", "_rejects", "_tombstones")
    }

    assert found == {("pipeline_jobs/state/ledger.py", ledger.TABLE)}
    assert between.LEDGER == ledger.TABLE


def test_only_the_edges_read_the_environment_and_the_arguments() -> None:
    """Everything else is given its settings, parsed, as values."""
    wrong = [
        f"{_name(path)}:{node.lineno}"
        for path in PRODUCT
        if path.name not in ("main.py", "entrypoints.py", "__main__.py") and not _is_a_process(path)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "sys.argv")
    ]

    assert wrong == []


def test_whoever_starts_a_process_says_with_which_environment() -> None:
    """A shell's own holds secrets of real workspaces; child.py alone hands on the one that it was given."""
    wrong = [
        f"{_name(path)}:{node.lineno}"
        for path in PRODUCT
        if _name(path) != "local/child.py"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("subprocess.", "os.exec", "os.spawn"))
        if "env" not in {keyword.arg for keyword in node.keywords}
    ]

    assert wrong == []


def test_files_have_one_job() -> None:
    """A file that grows beyond 250 lines has two jobs."""
    sizes = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT}

    assert {name: size for name, size in sizes.items() if size > MAX_FILE_LINES} == {}


def test_functions_can_be_read_at_a_glance() -> None:
    """A function that grows beyond 40 lines does several things."""
    sizes = {
        f"{_name(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in PRODUCT
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: size for name, size in sizes.items() if size > MAX_FUNCTION_LINES} == {}


def test_whoever_silences_a_check_says_why() -> None:
    """`noqa` and `type: ignore` name their rule, and their reason behind it on the same line."""
    silenced = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?P<rest>.*)", re.IGNORECASE)
    reasoned = re.compile(r"(?:: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*|\[[a-z, -]+\])\s+(?:#|-)\s*\w.{5,}")

    wrong = [
        f"{_name(path)}:{number}"
        for path in EVERYTHING
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := silenced.search(line)) and not reasoned.match(match["rest"])
    ]

    assert wrong == []


def test_the_function_and_the_job_log_and_never_print() -> None:
    """A line without structure is lost in the cloud's logs."""
    calls = [
        f"{_name(path)}:{node.lineno}"
        for package in ("function", "main.py", "pipeline_jobs")
        for path in _within(package)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert calls == []


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _within(package: str) -> list[Path]:
    return [path for path in PRODUCT if path.relative_to(ROOT).parts[0] == package]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _top(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


@cache
def _imports(path: Path) -> frozenset[str]:
    """Every module that the file imports when it runs, wherever in it; `from a import b` as a.b."""
    found: set[str] = set()
    for node in _at_run_time(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _at_run_time(node)


def _libraries_behind(packages: tuple[str, ...]) -> set[str]:
    """The top names of everything that these parts import, directly or through `contracts`."""
    todo = [path for package in packages for path in _within(package)]
    seen: set[Path] = set()
    libraries: set[str] = set()
    while todo:
        path = todo.pop()
        seen.add(path)
        libraries |= {_top(name) for name in _imports(path)}
        modules = {module for name in _imports(path) if _top(name) == "contracts" for module in _modules(name)}
        todo += [module for module in modules if module not in seen]
    return libraries


def _modules(name: str) -> list[Path]:
    """The files of a dotted name that may end in something of a module."""
    parts = name.split(".")
    tried = (ROOT.joinpath(*parts[:end]).with_suffix(".py") for end in range(1, len(parts) + 1))
    return [path for path in tried if path.is_file()]


def _texts(path: Path) -> Iterator[str]:
    """The texts in the code, docstrings left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _is_a_process(path: Path) -> bool:
    """Whether the module is a command of its own (`python -m …`)."""
    return any(
        isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in _tree(path).body
    )
