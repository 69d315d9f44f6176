"""The dialect of OpenAI's chat completions: what a caller asks, and how the answer is told."""

from jumpseat.dialects.failures import error_body, error_event, failure
from jumpseat.dialects.openai_chat.catalog import encode_model, encode_models, encode_providers
from jumpseat.dialects.openai_chat.chunks import ChunkEncoder
from jumpseat.dialects.openai_chat.cutting import Cutter, estimate_tokens
from jumpseat.dialects.openai_chat.reply import PROVIDER_NAMES, Identity, encode_reply
from jumpseat.dialects.openai_chat.request import (
    ChatRequest,
    parse,
    read_conversation_id,
    read_messages,
    read_provider,
)

__all__ = [
    "PROVIDER_NAMES",
    "ChatRequest",
    "ChunkEncoder",
    "Cutter",
    "Identity",
    "encode_model",
    "encode_models",
    "encode_providers",
    "encode_reply",
    "error_body",
    "error_event",
    "estimate_tokens",
    "failure",
    "parse",
    "read_conversation_id",
    "read_messages",
    "read_provider",
]
