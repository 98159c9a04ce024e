"""What two readers of YAML take for different values: PyYAML, by which the product reads a contract, and Terraform's
`yamldecode`, by which the jobs are made of it (https://github.com/zclconf/go-cty-yaml, resolve.go).
"""

import re

from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

_TEXT = "tag:yaml.org,2002:str"
_ALIKE = re.compile(
    r"true|True|TRUE|false|False|FALSE|null|Null|NULL|~|"
    r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*(?:[eE][-+][0-9]+)?)?|\.[0-9]+(?:[eE][-+][0-9]+)?|",
    re.ASCII,
)
"""What both take for the same truth value, number or nothing."""
_NO_TEXT_TO_TERRAFORM = re.compile(
    r"y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|"
    r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?",
    re.ASCII,
)
_RESOLVER = Resolver()


def is_read_alike(plain: str) -> bool:
    """Whether both readers take a scalar that stands without quotes for the same value; a quoted one is a text to both.

    What YAML 1.1 or Terraform takes for anything but a text must be one of the few forms on which they agree.
    """
    if _ALIKE.fullmatch(plain):
        return True
    is_text = _RESOLVER.resolve(ScalarNode, plain, (True, False)) == _TEXT  # type: ignore[no-untyped-call]  # its stubs say nothing
    return is_text and not _NO_TEXT_TO_TERRAFORM.fullmatch(plain)
