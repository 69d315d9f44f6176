"""What the gateway offers, as one table: routes, the OpenAPI document and the help page follow it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

EXAMPLE_BODY: Mapping[str, Any] = {
    "model": "",
    "provider": "Copilot",
    "conversation_id": "any-name-you-choose",
    "stream": True,
    "messages": [{"role": "user", "content": "Hello, I am Heiner. How are you?"}],
}


class Operation(Struct, frozen=True, kw_only=True):
    """One thing a caller can do."""

    name: str
    """Name of the handler in `routes.Door`."""
    method: str
    path: str
    summary: str
    detail: str = ""
    example: Mapping[str, Any] | None = None
    kind: str = "application/json"
    is_public: bool = False
    """Answers without a key."""
    has_short_form: bool = False
    """Also served without `/v1`, because base addresses are typed both ways."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path under which this is served."""
        return (self.path, self.path.removeprefix("/v1")) if self.has_short_form else (self.path,)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="chat",
        method="POST",
        path="/v1/chat/completions",
        summary="Ask, and get an answer, whole or streamed",
        detail=(
            "The request and the answer are those of OpenAI's chat completions. Two fields more: `provider` "
            "(Copilot or GithubCopilot) and `conversation_id`, any name of yours. With a `conversation_id` "
            "the service remembers what was said: send only what is new. The header `x-conversation-id` does "
            "the same. `stop` and `max_tokens` are honoured by the gateway; tools are accepted and not used "
            "(the header `x-jumpseat-ignored` says so); token counts are estimates and marked so."
        ),
        example=EXAMPLE_BODY,
        has_short_form=True,
    ),
    Operation(
        name="chat",
        method="POST",
        path="/api/{provider}/chat/completions",
        summary="The same, with the provider in the path",
        detail="For programs that cannot send fields of their own.",
        example={key: EXAMPLE_BODY[key] for key in ("model", "stream", "messages")},
    ),
    Operation(
        name="models",
        method="GET",
        path="/v1/models",
        summary="The models that can be asked",
        has_short_form=True,
    ),
    Operation(
        name="model",
        method="GET",
        path="/v1/models/{model:path}",
        summary="One model, by its id or any of its other names",
        has_short_form=True,
    ),
    Operation(
        name="providers",
        method="GET",
        path="/v1/providers",
        summary="The services, and the models of each",
        has_short_form=True,
    ),
    Operation(
        name="live", method="GET", path="/health/live", summary="Is the gateway running?", is_public=True
    ),
    Operation(
        name="ready",
        method="GET",
        path="/health/ready",
        summary="Does it take questions? 503 while it stops",
        is_public=True,
    ),
    Operation(name="openapi", method="GET", path="/openapi.json", summary="This description, for programs"),
    Operation(
        name="docs", method="GET", path="/docs", summary="This description, for people", kind="text/html"
    ),
    Operation(name="hello", method="GET", path="/", summary="A short greeting", kind="text/plain"),
)


def curl(operation: Operation, address: str) -> str:
    """A command line that tries `operation` at `address`."""
    path = operation.path.replace("{provider}", "Copilot").replace("{model:path}", "microsoft/copilot")
    if operation.example is None:
        return f"curl {address}{path}"
    body = json.dumps(operation.example, indent=2)
    return f"curl -N {address}{path} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
