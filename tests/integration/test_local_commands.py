"""`python -m local`, as a person uses it: a stack of its own, real files, exit codes and one clear line."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import samples
from tests.integration.stack_commands import PROJECT, Local, call_local, end, run_local, stack_up

SAMPLES = Path(samples.__file__).parent
SHARED = PROJECT.parent / "shared"
A_DEVELOPERS = (
    *("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"),
    *("DATABRICKS_CONFIG_PROFILE", "DATABRICKS_TOKEN_AUDIENCE", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"),
    *("AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "GITHUB_TOKEN", "SOMEBODYS_PASSWORD"),
    *("HTTPS_PROXY", "https_proxy", "http_proxy", "grpc_proxy", "HOME"),
)
OF_CHILDREN = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "JAVA_HOME", "FEEDS_FOLDER"),
    *("HOME", "NO_PROXY", "no_proxy", "NO_GCE_CHECK", "PYTHONUNBUFFERED", "SAIL_SPARK__SESSION_TIMEOUT_SECS"),
    "MIMALLOC_ALLOW_THP",
)
OF_FUNCTIONS = (
    *("STORAGE_EMULATOR_HOST", "LANDING_BUCKET", "LAKE_BUCKET", "FEED_JOBS", "DATABRICKS_HOST", "DATABRICKS_TOKEN"),
    *("SWEEP_GRACE_SECONDS", "SWEEP_RETRY_SECONDS", "PLACEHOLDER_SECONDS", "TIMEOUT_SECONDS"),
)


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped feeds; with the example of the contract language as it stands, where it is at hand."""
    folder = tmp_path_factory.mktemp("contracts")
    for path in (PROJECT / "feeds").glob("*.odcs.yaml"):
        shutil.copy(path, folder)
    if (SHARED / "example-feed.odcs.yaml").exists():
        shutil.copy(SHARED / "example-feed.odcs.yaml", folder / "northwind_orders.odcs.yaml")
    return folder


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which every Python of the stack imports, as it starts, what notes down its environment there."""
    folder = tmp_path_factory.mktemp("seen")
    (folder / "sitecustomize.py").write_text(
        "import json, os, pathlib, sys\n"
        "noted = json.dumps([sys.orig_argv, dict(os.environ)])\n"
        f"pathlib.Path({str(folder)!r}, f'{{os.getpid()}}.json').write_text(noted)\n"
    )
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, contracts: Path, seen: Path) -> Iterator[Path]:
    """The folder of a running stack, which was started in the shell of somebody who works with real clouds."""
    folder = tmp_path_factory.mktemp("stack")
    shell = os.environ | dict.fromkeys(A_DEVELOPERS, "never-to-be-seen") | {"PYTHONPATH": str(seen)}
    with stack_up(folder, contracts, shell) as process:
        yield folder
        end(process, signal.SIGINT)


@pytest.fixture(scope="module")
def sent(root: Path) -> subprocess.CompletedProcess[str]:
    """What put said of one file that has gone the whole way: every part of the stack has worked since it began."""
    return run_local("put", "--root", root, SAMPLES / "customers_2026-03-02.csv")


def test_a_file_is_sent_the_whole_way_and_its_rows_can_be_asked_for(
    root: Path, sent: subprocess.CompletedProcess[str]
) -> None:
    """put says what became of it, sql shows the table."""
    sql = run_local("sql", "--root", root, "SELECT count(*) AS customers, min(country) AS first_country FROM customers")

    assert sent.returncode == 0, sent.stderr
    assert "140 rows read, 140 good, 0 bad" in sent.stdout
    assert [word for word in ("admitted", "staged", "merged") if word not in sent.stdout] == []
    assert sql.returncode == 0, sql.stderr
    assert "140" in sql.stdout
    assert "AT" in sql.stdout


@pytest.mark.usefixtures("sent")
def test_no_process_of_the_stack_has_what_else_is_in_the_shell(root: Path, seen: Path) -> None:
    """Engine, functions and tasks have a list of variables, and a home without anybody's profiles."""
    noted = [json.loads(path.read_text()) for path in seen.glob("*.json")]

    children = [(" ".join(command), has) for command, has in noted if "local up" not in " ".join(command)]
    for part in ("pysail spark server", "on_object_finalized", "on_sweep", "local/workspace/task.py"):
        assert [command for command, _ in children if part in command] != [], part
    assert len(noted) > len(children)
    for command, has in children:
        unknown = [name for name in has if name not in OF_CHILDREN and not name.startswith("LC_")]
        assert [name for name in unknown if "on_" not in command or name not in OF_FUNCTIONS] == [], command
        assert "never-to-be-seen" not in str(has), command
        assert has["HOME"] == str(root / "home")


def test_what_a_stack_keeps_is_for_its_user_alone(root: Path, sent: subprocess.CompletedProcess[str]) -> None:
    """Tables, objects, jobs and logs, whichever of its processes wrote them."""
    kept = [path for path in root.rglob("*") if not path.is_symlink()]

    open_to_others = [path for path in kept if path.exists() and path.stat().st_mode & 0o077]

    assert sent.returncode == 0, sent.stderr
    assert {path.name for path in kept} >= {"stack.json", "token", "_delta_log", "engine.log", "on_sweep.log", "lake"}
    assert open_to_others == []


def test_a_rejected_file_is_told_with_its_reason_and_exit_code_1(root: Path) -> None:
    """Also one that gets its other name as the second argument."""
    put = run_local("put", "--root", root, SAMPLES / "orders_2026-03-06_wrong_header.csv", "daily/orders_renamed.csv")

    assert put.returncode == 1
    assert "gs://landing/daily/orders_renamed.csv#" in put.stdout
    assert "missing_column by the function: the header lacks customer_id" in put.stdout


def test_names_headings_and_cells_are_shown_and_never_sent_to_the_terminal(root: Path) -> None:
    """Neither as control characters nor as markup of the library that prints them; an engine's sentence likewise."""
    hostile = "[bold]\x1b[31m\x1b]8;;http://evil.example\x1b\\\u202e\x85:warning:"
    shown = r"[bold]\x1b[31m\x1b]8;;http://evil.example\x1b\\u202e\x85:warning:"

    put = run_local("put", "--root", root, SAMPLES / "stock_levels_2026-03-03.csv", f"odd/{hostile}.csv")
    sql = run_local("sql", "--root", root, f"SELECT decode(unhex('{hostile.encode().hex()}'), 'UTF-8') AS `{hostile}`")
    wrong = run_local("sql", "--root", root, f"SELECT * FROM `{hostile}`")

    assert f"gs://landing/odd/{shown}.csv#" in put.stdout
    assert sql.stdout.count(shown) == 2
    assert wrong.returncode == 2
    assert shown in wrong.stderr
    for printed in (put.stdout, sql.stdout, wrong.stderr):
        assert all(line.isprintable() for line in printed.split("\n"))


def test_a_feed_needs_nothing_but_its_contract(root: Path) -> None:
    """Umlauts, quoted commas, NULL tokens and millisecond timestamps of somebody else's shop arrive."""
    data = SHARED / "data" / "northwind" / "orders.csv"
    if not data.exists():
        pytest.skip("the Northwind orders are not at hand: a checkout without ../shared/data")
    question = "SELECT count(*) AS n, max(order_date) AS last, sum(freight) AS freight FROM northwind_orders"

    put = run_local("put", "--root", root, data, "northwind/orders.csv")
    sql = run_local("sql", "--root", root, question)

    assert put.returncode == 0, put.stdout + put.stderr
    assert "830 rows read, 830 good, 0 bad" in put.stdout
    assert [value for value in ("830", "1998-05-06 00:00:00", "64942.69") if value not in sql.stdout] == []


@pytest.mark.parametrize(
    ("run", "arguments", "line"),
    [
        (run_local, ("put", "no-such-file.csv"), "there is no file no-such-file.csv"),
        (
            call_local,
            ("put", str(SAMPLES / "stock_levels_2026-03-03.csv"), "a\nb"),
            "the bucket refuses the name 'a\\nb'",
        ),
        (run_local, ("sql", "SELECT * FROM no_such_table"), "no_such_table"),
        (call_local, ("sql", "SELEC 1"), "expected"),
        (run_local, ("up", "--port", "0"), "a stack is already running on"),
    ],
)
def test_a_wrong_use_of_a_running_stack_is_one_clear_line(
    root: Path, run: Local, arguments: tuple[str, ...], line: str
) -> None:
    """On standard error, with exit code 2 and no traceback; of each command one use is a process of its own."""
    command, *rest = arguments

    done = run(command, "--root", root, *rest)

    assert done.returncode == 2
    assert line in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("run", "arguments"), [(run_local, ("put", __file__)), (call_local, ("sql", "SELECT 1"))])
def test_a_command_without_a_stack_says_how_to_start_one(
    tmp_path: Path, run: Local, arguments: tuple[str, ...]
) -> None:
    """The folder may be another than the running stack's."""
    command, *rest = arguments

    done = run(command, "--root", tmp_path, *rest)

    assert done.returncode == 2
    assert done.stderr == f"no stack is running on {tmp_path}: start one with python -m local up\n"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """Nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = run_local("up", "--root", tmp_path, "--port", str(port))

    assert done.returncode == 2
    assert done.stderr == f"port {port} is in use: end what listens there, or choose others with --port\n"
    assert not (tmp_path / "stack.json").exists()


def test_a_contract_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """With every problem, before anything is started."""
    (tmp_path / "broken.odcs.yaml").write_text("kind: DataContract\n")

    done = run_local("up", "--root", tmp_path / "stack", "--port", "0", "--feeds", tmp_path)

    assert done.returncode == 2
    assert "broken.odcs.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("run", "arguments"),
    [(run_local, ()), (call_local, ("nonsense",)), (call_local, ("up", "--port", "99999")), (call_local, ("put",))],
)
def test_an_unknown_command_or_option_shows_the_usage(run: Local, arguments: tuple[str, ...]) -> None:
    """As every command line does."""
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m local")


def test_a_stack_takes_no_contract_that_the_check_refuses(tmp_path: Path, contracts: Path) -> None:
    """It would be the one place where such a contract reaches an engine."""
    feeds = Path(shutil.copytree(contracts, tmp_path / "feeds"))
    path = feeds / "orders.odcs.yaml"
    path.write_text(path.read_text("utf-8").replace("paid_at >= ordered_at", "reflect('a', 'b', 1) > 0"), "utf-8")

    ended = run_local("up", "--root", tmp_path / "stack", "--port", "0", "--feeds", feeds)

    assert ended.returncode == 2
    assert "orders.odcs.yaml: row rule" in ended.stderr
    assert not (tmp_path / "stack").exists()
