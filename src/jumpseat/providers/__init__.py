"""The public face of the reference documents: thin, over `Client`."""

from jumpseat.providers.answer import Cookies, MediaListType, Messages
from jumpseat.providers.completion import Completion
from jumpseat.providers.copilot import Copilot
from jumpseat.providers.github_copilot import GithubCopilot
from jumpseat.providers.items import (
    Conversation,
    FinishReason,
    ImageResponse,
    Reasoning,
    ReplacedText,
    RequestLogin,
    Sources,
    SuggestedFollowups,
    TitleGeneration,
)
from jumpseat.providers.signin import get_access_token_and_cookies, get_clarity, readHAR

BaseConversation = Conversation
"""The documents' name for what a conversation is annotated with."""

__all__ = [
    "BaseConversation",
    "Completion",
    "Conversation",
    "Cookies",
    "Copilot",
    "FinishReason",
    "GithubCopilot",
    "ImageResponse",
    "MediaListType",
    "Messages",
    "Reasoning",
    "ReplacedText",
    "RequestLogin",
    "Sources",
    "SuggestedFollowups",
    "TitleGeneration",
    "get_access_token_and_cookies",
    "get_clarity",
    "readHAR",
]
