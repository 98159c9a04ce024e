"""CloudEvents as Eventarc sends them to a function: binary mode over HTTP.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

FINALIZED = "google.cloud.storage.object.v1.finalized"
MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_HEADER_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence; `body` is its data as JSON. Every delivery of it repeats the same id."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    body: bytes

    @classmethod
    def finalized(cls, resource: Mapping[str, Any]) -> "Event":
        """A new generation of an object, described by its resource of the JSON API."""
        return cls(
            id=_new_id(),
            type=FINALIZED,
            source=f"//storage.googleapis.com/projects/_/buckets/{resource['bucket']}",
            subject=f"objects/{resource['name']}",
            time=str(resource["timeCreated"]),
            body=json.dumps(resource).encode(),
        )

    @classmethod
    def message_published(cls, topic: str, text: str, at: datetime) -> "Event":
        """A message of a Pub/Sub topic, as Cloud Scheduler publishes one at each tick."""
        time = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        message = {"data": base64.b64encode(text.encode()).decode(), "messageId": _new_id(), "publishTime": time}
        return cls(
            id=message["messageId"],
            type=MESSAGE_PUBLISHED,
            source=f"//pubsub.googleapis.com/projects/local/topics/{topic}",
            subject="",
            time=time,
            body=json.dumps({"message": message, "subscription": f"projects/local/subscriptions/{topic}"}).encode(),
        )

    @property
    def headers(self) -> dict[str, str]:
        """The attributes as the binding writes them: what is not printable ASCII is percent-encoded."""
        attributes = {
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-type": self.type,
            "ce-source": self.source,
            "ce-time": self.time,
            "content-type": "application/json",
        }
        if self.subject:
            attributes["ce-subject"] = quote(self.subject, safe=_HEADER_SAFE)
        return attributes

    def as_published_twice(self) -> "Event":
        """The same occurrence under another id, as the first of the two hops may repeat it."""
        return replace(self, id=_new_id())


def _new_id() -> str:
    return str(uuid.uuid4().int % 10**16)
