"""The OpenAPI document of the gateway, built from the table of operations."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from jumpseat._version import __version__
from jumpseat.dialects.openai_chat.request import (
    MAX_CONVERSATION_ID_CHARS,
    MAX_MESSAGES,
    MAX_MODEL_CHARS,
    MAX_STOP_CHARS,
    MAX_STOPS,
)
from jumpseat.dialects.openai_chat.wire import WireRequest
from jumpseat.gateway.operations import OPERATIONS, Operation
from jumpseat.model.catalog import PROVIDERS

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_ERROR = {"$ref": "#/components/schemas/Error"}
_PROVIDER = ["Copilot", "GithubCopilot", *PROVIDERS]
# What is checked beyond the types. A keyword concerns its own type alone, so `null` passes all but `enum`.
_NARROWER: dict[str, dict[str, dict[str, Any]]] = {
    "WireRequest": {
        "messages": {"minItems": 1, "maxItems": MAX_MESSAGES},
        "model": {"maxLength": MAX_MODEL_CHARS},
        "provider": {"enum": [*_PROVIDER, "", None]},
        "conversation_id": {"maxLength": MAX_CONVERSATION_ID_CHARS},
        "n": {"minimum": 1, "maximum": 1},
        "stop": {"maxItems": MAX_STOPS, "maxLength": MAX_STOP_CHARS},
        "max_tokens": {"minimum": 1},
        "max_completion_tokens": {"minimum": 1},
    },
    "Format": {"type": {"enum": ["text"]}},
    "Part": {"type": {"enum": ["text", "refusal", "image_url"]}},
}


def openapi_document() -> bytes:
    """The document, as JSON."""
    (request,), components = msgspec.json.schema_components(
        [WireRequest], ref_template="#/components/schemas/{name}"
    )
    for schema, fields in _NARROWER.items():
        for field, keywords in fields.items():
            components[schema]["properties"][field].update(keywords)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        for path in operation.paths:
            described = _described(operation, path, request)
            paths.setdefault(_PARAMETER.sub(r"{\1}", path), {})[operation.method.lower()] = described
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "jumpseat",
            "version": __version__,
            "summary": "Your own Microsoft Copilot and GitHub Copilot, behind the OpenAI API.",
            "description": "Unofficial; not affiliated with Microsoft or GitHub.",
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _error_schema()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
    return msgspec.json.encode(document)


def _described(operation: Operation, path: str, request: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {operation.kind: {}}
    if operation.name == "chat":
        content["text/event-stream"] = {}
    described: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{operation.method.lower()}{path}").strip("_"),
        "summary": operation.summary,
        "security": [] if operation.is_public else [{}, {"key": []}],
        "responses": {
            "200": {"description": "As asked.", "content": content},
            "default": {
                "description": "An error; its message says what to do next.",
                "content": {"application/json": {"schema": _ERROR}},
            },
        },
    }
    if operation.detail:
        described["description"] = operation.detail
    if parameters := [_parameter(name) for name in _PARAMETER.findall(path)]:
        described["parameters"] = parameters
    if operation.example is not None:
        body = {"schema": request, "example": operation.example}
        described["requestBody"] = {"required": True, "content": {"application/json": body}}
    return described


def _parameter(name: str) -> dict[str, Any]:
    schema = {"enum": _PROVIDER} if name == "provider" else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    fields = {"type": text, "code": text, "message": text, "param": {"type": ["string", "null"]}}
    return {
        "type": "object",
        "required": ["type", "error"],
        "properties": {
            "type": {"const": "error"},
            "error": {"type": "object", "required": list(fields), "properties": fields},
        },
    }
