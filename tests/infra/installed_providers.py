"""Terraform with providers as programs: stand-ins, or the real ones, whose folder the variable PROVIDERS names."""

import json
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.infra.terraform import SCHEMAS, Terraform, folder_of_terraform

ROOT = Path(__file__).parents[2]


class Workspace(ThreadingHTTPServer):
    """A Databricks that says where it is, and keeps what else it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Workspace

    def do_GET(self) -> None:
        known = self.path.startswith("/.well-known/databricks-config")
        if not known:
            self.server.asked.append(self.path)
        body = json.dumps({"oidc_endpoint": f"{self.server.url}/oidc"} if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def installed() -> Iterator[Terraform]:
    """Terraform with providers from a folder: PROVIDERS, or one of stand-ins."""
    with folder_of_terraform() as folder:
        real = os.environ.get("PROVIDERS")
        binaries = Path(real).resolve() if real else _stand_ins(folder / "bin")
        overrides = "\n".join(f'    "{"/".join(address.split("/")[1:])}" = "{binaries}"' for address in SCHEMAS)
        (folder / "config").write_text(
            f"provider_installation {{\n  dev_overrides {{\n{overrides}\n  }}\n  direct {{}}\n}}\n", "utf-8"
        )
        # A stand-in does not encrypt what it says to its parent.
        yield Terraform({} if real else {"TF_DISABLE_PLUGIN_TLS": "1"}, folder)


def _stand_ins(folder: Path) -> Path:
    folder.mkdir()
    for schema in SCHEMAS.values():
        program = folder / f"terraform-provider-{schema.stem}"
        words = f'"{sys.executable}" -m tests.infra.provider_binary "{schema}"'
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}:$PYTHONPATH" exec {words}\n', "utf-8")
        program.chmod(0o755)
    return folder
