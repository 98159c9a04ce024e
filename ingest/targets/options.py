"""The options by which a person says what a command works on, the same for every command."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Concatenate, Literal, ParamSpec

import typer

from contracts.contract import ContractError
from contracts.printable import printable
from ingest.output import note
from ingest.targets.errors import TargetError
from ingest.targets.stack import FOLDER, is_running
from ingest.targets.target import Choice, Target, open_databricks, open_local

P = ParamSpec("P")
_EXTRA = "gcs-databricks-ingest[cli]"
_PANEL = "What it works on"
_SIGNED_OUT = "cannot get access token: "
"""How databricks-sdk begins what it raises, as a bare OSError, once a sign-in has expired: it has no class for that.
https://github.com/databricks/databricks-sdk-py/blob/main/databricks/sdk/credentials_provider.py
"""


def _option(name: str, variable: str | None, text: str, **more: Any) -> Any:  # what typer.Option gives
    return typer.Option(name, envvar=variable, help=text, rich_help_panel=_PANEL, show_default=False, **more)


def _options(
    *,
    target: Annotated[
        Literal["local", "databricks"] | None,
        _option("--target", "INGEST_TARGET", "Default: local, where a stack runs in --root; else databricks."),
    ] = None,
    root: Annotated[
        Path, _option("--root", "INGEST_ROOT", f"The folder of the local stack ({FOLDER}).", metavar="FOLDER")
    ] = FOLDER,
    profile: Annotated[
        str | None,
        # Its variable is the SDK's own to read: a profile that is named here means Databricks, even beside a stack.
        _option(
            "--profile", None, "Of ~/.databrickscfg; default: that of DATABRICKS_CONFIG_PROFILE, or the SDK's own."
        ),
    ] = None,
    deployment: Annotated[
        str | None,
        _option(
            "--deployment", "INGEST_DEPLOYMENT", "What its jobs' names begin with, as ingest-prod; default: the one."
        ),
    ] = None,
    warehouse: Annotated[
        str | None,
        _option("--warehouse", "DATABRICKS_WAREHOUSE_ID", "Id of the SQL warehouse; default: one that runs."),
    ] = None,
    feeds: Annotated[
        Path | None,
        _option("--feeds", "INGEST_FEEDS", "The folder of contracts; default: the stack's, or those of this package."),
    ] = None,
) -> Choice:
    return Choice(target, root, profile, deployment, warehouse, feeds)


def on_target(command: Callable[Concatenate[Target, P], object]) -> Callable[..., None]:
    """A command whose first parameter is the target, with the shared options behind its own."""
    shared = inspect.signature(_options).parameters
    own = list(inspect.signature(command).parameters.values())[1:]

    @functools.wraps(command)
    def asked(*arguments: Any, **named: Any) -> None:
        choice = _options(**{name: named.pop(name) for name in shared})
        with target_of(choice) as target:
            command(target, *arguments, **named)

    asked.__signature__ = inspect.Signature([*own, *shared.values()])  # type: ignore[attr-defined]  # which typer reads
    asked.__annotations__ = {one.name: one.annotation for one in (*own, *shared.values())}
    return asked


@contextmanager
def target_of(choice: Choice) -> Iterator[Target]:
    """The target; within it, what cannot be reached ends the command with 2 and a sentence."""
    with telling():
        target = _opened(choice)
        if target.name == "databricks" and target.warehouse_is_chosen:
            note(f"asking through the SQL warehouse {target.tables.warehouse}; --warehouse names another")
        yield target


@contextmanager
def telling() -> Iterator[None]:
    """What stands in the way as one sentence on standard error, and exit code 2."""
    try:
        yield
    except (TargetError, ContractError) as error:
        for line in str(error).splitlines():
            note(line)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("databricks", "google"):
            raise
        note(f'the clients of Google and Databricks are missing here ({error.name}): install "{_EXTRA}"')
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        note(sentence)
    else:
        return
    raise typer.Exit(2)


def _opened(choice: Choice) -> Target:
    is_free = choice.target is None and choice.profile is None
    if choice.target == "local" or (is_free and is_running(choice.root)):
        return open_local(choice)
    if is_free:
        note(f"no stack runs here ({choice.root}; start it with python -m local up): this asks Databricks")
    return open_databricks(choice)


def sentence_of(error: Exception) -> str | None:
    """What is in the way, for a person to act on; None for what neither we nor the clients say. They are imported by
    then.
    """
    if isinstance(error, TargetError | ContractError):
        return printable(str(error).partition("\n")[0])
    from google.api_core.exceptions import GoogleAPICallError, RetryError  # noqa: PLC0415  # see above
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # see above
    from requests import RequestException  # noqa: PLC0415  # see above

    from ingest.targets.sdk import refused  # noqa: PLC0415  # see above

    first = printable((str(error).strip() or type(error).__name__).partition("\n")[0])
    refusals: dict[tuple[type[Exception], ...], str] = {
        (GoogleAPICallError, RetryError): "Cloud Storage refused: {}",
        (GoogleAuthError,): "cannot sign in to Google Cloud: {}; run gcloud auth application-default login",
        (refused(),): "Databricks refused: {}",
        (
            RequestException,
            TimeoutError,
        ): "it cannot be reached: {}; see that the address is right and the network is there",
    }
    if type(error) is OSError and str(error).startswith(_SIGNED_OUT):
        return f"cannot sign in to Databricks: {first}; run databricks auth login"
    return next((said.format(first) for kind, said in refusals.items() if isinstance(error, kind)), None)
