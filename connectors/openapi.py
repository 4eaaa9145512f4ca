"""What partners' webhook bodies look like, for the intake's OpenAPI document: made from the models that read
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from connectors.partners.capacity_webhook.model import CapacityEvent
from connectors.partners.council_webhook.model import PackageEvent
from connectors.partners.events.model import CloudEvent
from connectors.partners.voluntary_webhook.model import SupportEvent
from connectors.transports.http import BodySchemas

_MODELS: Final[dict[str, type[BaseModel]]] = {
    "capacity_webhook": CapacityEvent,
    "council_webhook": PackageEvent,
    "voluntary_webhook": SupportEvent,
    "events": CloudEvent,
}


def body_schemas(kinds: Iterable[str]) -> BodySchemas:
    """The schemas of the webhook kinds named, and of our own events; other kinds are any JSON object."""
    components: dict[str, Any] = {}
    roots: list[str] = []
    for kind in sorted({*kinds, "events"} & set(_MODELS)):
        model = _MODELS[kind]
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        components |= schema.pop("$defs", {})
        components[model.__name__] = schema
        if kind != "events":
            roots.append(model.__name__)
    return BodySchemas(tuple(roots), CloudEvent.__name__, components)
