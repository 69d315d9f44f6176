"""What can be asked: the services and what callers name them, and the models, as cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image

Service = Literal["microsoft", "github"]

PROVIDERS: Mapping[str, Service] = {
    "copilot": "microsoft",
    "microsoft": "microsoft",
    "githubcopilot": "github",
    "github": "github",
}
"""What a caller may call a service, in lower case. The first of each is the documents' own name."""


def service_of(provider: str) -> Service:
    """
    The service a provider's name means, in any case.

    Raises `InvalidRequest` that lists the names.
    """
    service = PROVIDERS.get(provider.strip().lower())
    if service is None:
        raise InvalidRequest(
            f"provider: {provider[:80]!r} is not known. "
            'Say "Copilot" (or "microsoft"), or "GithubCopilot" (or "github").',
            param="provider",
            code="provider_not_found",
        )
    return service


class ModelCard(Struct, frozen=True, kw_only=True):
    """One model or mode of one upstream."""

    id: str
    """`microsoft/copilot`, `github/gpt-4o`: what the model list shows."""
    service: Service
    mode: str
    """What the upstream calls it on the wire: `chat`, `reasoning`, `gpt-4o`."""
    name: str
    """The name a person sees: "Copilot", "Think Deeper"."""
    aliases: tuple[str, ...] = ()
    sees_images: bool = False
    draws_images: bool = False
    reasons: bool = False
    max_question_chars: int | None = None
    """Longest question the upstream takes, in characters, if it says."""


class Question(Struct, frozen=True, kw_only=True):
    """What one upstream is asked, in its own terms: one text, its pictures, a mode."""

    text: str
    mode: str
    images: tuple[Image, ...] = ()
    wants_extras: bool = False
    """Wait a moment after the answer for its title and the suggested follow-ups."""
