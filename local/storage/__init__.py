"""A directory-backed server of the Cloud Storage JSON API, as far as google-cloud-storage uses it."""

from local.storage.errors import PortUnusableError, RootUnusableError
from local.storage.faults import Fault, Faults, Moment, Operation, Refusal
from local.storage.resource import ObjectResource
from local.storage.server import StorageServer

__all__ = [
    "Fault",
    "Faults",
    "Moment",
    "ObjectResource",
    "Operation",
    "PortUnusableError",
    "Refusal",
    "RootUnusableError",
    "StorageServer",
]
