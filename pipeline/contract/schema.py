"""The contract for programs: JSON Schema of the events, AsyncAPI 3 of the queue, both from the models."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from pipeline.contract.models import MODELS, Envelope, EventType
from pipeline.contract.whole import MAX_BYTES, MAX_DEPTH

Schema = dict[str, Any]

QUEUE: Final = "intake"
ACTOR: Final = "receive"
NAMESPACE: Final = "dramatiq"

# What a check of one event against a schema cannot see, for whoever writes such events.
LIMITS: Final = (
    "An event is one CloudEvents 1.0 event in structured JSON: UTF-8, "
    f"at most {MAX_BYTES} bytes, nested at most {MAX_DEPTH} levels (the event itself is level 1). "
    "Unknown keys are kept and ignored."
)


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of names, which say nothing more than the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of any event; ``$defs`` holds each event and its parts."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "description": LIMITS,
        **_any_event("#/$defs/"),
        "$defs": _definitions("#/$defs/"),
    }


def asyncapi() -> Schema:
    """Return the AsyncAPI 3.0 document of the queue on which other programs drop events."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Validatiestraat intake", "version": "1", "description": LIMITS},
        "defaultContentType": "application/json",
        "channels": {"intake": _channel()},
        "operations": {"receive": {"action": "receive", "channel": {"$ref": "#/channels/intake"}}},
        "components": {"schemas": {**_definitions("#/components/schemas/"), "Message": _message()}},
    }


def rendered(document: Schema) -> str:
    """Return ``document`` as it stands in ``docs/contract/``."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _any_event(prefix: str) -> Schema:
    return {"oneOf": [{"$ref": prefix + _name(event_type)} for event_type in EventType]}


def _name(event_type: EventType) -> str:
    return MODELS[event_type].__name__ + "Event"


def _definitions(prefix: str) -> Schema:
    models: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in (Envelope, *MODELS.values())
    ]
    _, schema = models_json_schema(models, ref_template=prefix + "{model}", schema_generator=_Untitled)
    parts: Schema = schema["$defs"]
    envelope = parts.pop("Envelope")
    return parts | {_name(event_type): _event(envelope, event_type, prefix) for event_type in EventType}


def _event(envelope: Schema, event_type: EventType, prefix: str) -> Schema:
    properties = {
        **envelope["properties"],
        "type": {"const": event_type.value, "type": "string"},
        "data": {"$ref": prefix + MODELS[event_type].__name__},
    }
    required = [*envelope["required"], "type", "data"]
    return {"type": "object", "properties": properties, "required": required}


def _channel() -> Schema:
    """Describe the queue by its keys, for a producer that speaks Redis alone."""
    keys = f"{NAMESPACE}:{QUEUE}"
    description = (
        f"A dramatiq queue in Redis. Choose a new id, set field <id> of hash {keys}.msgs to the message "
        f"as JSON, then push <id> at the right of list {keys}; both in one transaction. The message's "
        "redis_message_id is the same <id>. Drop an event again until the register shows its case or "
        "its refusal: same source and id are one event."
    )
    return {
        "address": keys,
        "description": description,
        "messages": {"dropped": {"name": "dropped", "payload": {"$ref": "#/components/schemas/Message"}}},
        "x-redis": {"list": keys, "hash": f"{keys}.msgs"},
    }


def _message() -> Schema:
    """Describe the dramatiq message that carries one event."""
    event = {
        "oneOf": [_any_event("#/components/schemas/"), {"type": "string", "description": "the event's text"}]
    }
    options = {
        "type": "object",
        "properties": {"redis_message_id": {"type": "string"}},
        "required": ["redis_message_id"],
    }
    properties: Schema = {
        "queue_name": {"const": QUEUE},
        "actor_name": {"const": ACTOR},
        "args": {"type": "array", "items": event, "minItems": 1, "maxItems": 1},
        "kwargs": {"type": "object", "maxProperties": 0},
        "options": {
            **options,
            "description": "redis_message_id is the id under which the message is stored.",
        },
        "message_id": {"type": "string", "description": "Unique; a UUID by habit."},
        "message_timestamp": {"type": "integer", "description": "Milliseconds since 1970 in UTC."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
