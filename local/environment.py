"""What a child process of the local stack has of the environment that a person's shell happens to have.

A list, not the whole: whoever starts a stack has tokens and profiles of real workspaces and clouds, and what runs
here must neither sign in with them nor show them.
"""

from collections.abc import Mapping
from pathlib import Path

_KEPT = frozenset(
    ("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "JAVA_HOME", "FEEDS_FOLDER")
)
"""What programs need to be found and to run; beside them the parts of the locale, LC_*."""


def of_children(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """What every child has; each gets what else it needs by name.

    `home` is a folder of the stack's own: clients look for profiles and keys below HOME (~/.databrickscfg, ~/.netrc,
    ~/.config/gcloud). All that children talk to is on this machine, so no proxy is among it, and google-auth asks no
    metadata server.
    """
    kept = {name: value for name, value in environment.items() if name in _KEPT or name.startswith("LC_")}
    direct = "127.0.0.1,localhost"
    return kept | {
        "HOME": str(home),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "NO_GCE_CHECK": "true",
        "PYTHONUNBUFFERED": "1",
    }
