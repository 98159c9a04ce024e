"""What children of the local stack have of a shell's environment."""

from pathlib import Path

from local.environment import of_children

OWN = {
    "HOME": "/stack/home",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
    "NO_GCE_CHECK": "true",
    "PYTHONUNBUFFERED": "1",
}


def test_what_programs_need_to_run_is_handed_on() -> None:
    """As it is."""
    needed = {
        "PATH": "/bin",
        "LANG": "de_DE.UTF-8",
        "LC_TIME": "C",
        "TZ": "UTC",
        "JAVA_HOME": "/java",
        "PYTHONPATH": "x",
    }

    assert of_children(needed, Path("/stack/home")) == needed | OWN


def test_what_else_is_in_the_shell_is_not() -> None:
    """Neither what signs in, nor what says where keys lie, nor a proxy, nor what nobody has thought of."""
    names = (
        *("DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"),
        *("AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "GITHUB_TOKEN", "SSH_AUTH_SOCK"),
        *("HTTPS_PROXY", "http_proxy", "NO_PROXY", "NETRC", "HOME", "XDG_CONFIG_HOME", "PATHS"),
    )

    assert of_children(dict.fromkeys(names, "a developer's"), Path("/stack/home")) == OWN
