"""A remembered conversation as Markdown or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jumpseat.cli.plain import harmless, one_line
from jumpseat.cli.tables import moment

if TYPE_CHECKING:
    from jumpseat.client.conversations import RememberedConversation
    from jumpseat.store.archive import StoredConversation, StoredMessage

_SPEAKERS = {"user": "You", "assistant": "Copilot", "system": "Instructions", "tool": "Tool"}
_REMARKS = {"interrupted": "*(stopped here)*", "failed": "*(broke off here)*"}


def to_markdown(remembered: RememberedConversation) -> str:
    """The conversation as a Markdown page. Harmless to print."""
    conversation = remembered.conversation
    head = (
        f"# {one_line(conversation.title or 'Conversation')}\n\n"
        f"- Conversation: {one_line(conversation.conversation_id)}\n"
        f"- Model: {one_line(conversation.model)}\n"
        f"- From {moment(conversation.created_at)} to {moment(conversation.updated_at)}\n"
    )
    return head + "".join(_said(message) for message in remembered.messages)


def _said(message: StoredMessage) -> str:
    text = "*(the text was not kept)*" if message.text is None else harmless(message.text).strip()
    remark = _REMARKS.get(message.state)
    parts = (f"## {_SPEAKERS.get(message.role, one_line(message.role))}", text, remark)
    return "".join(f"\n{part}\n" for part in parts if part)


def to_values(remembered: RememberedConversation) -> dict[str, Any]:
    """The conversation and its messages as plain values, for JSON."""
    return {
        **listed(remembered.conversation),
        "messages": [
            {
                "role": message.role,
                "text": message.text,
                "state": message.state,
                "created_at": message.created_at,
            }
            for message in remembered.messages
        ],
    }


def listed(conversation: StoredConversation) -> dict[str, Any]:
    """One conversation of a list as plain values, for JSON."""
    values: dict[str, Any] = msgspec.to_builtins(conversation)
    # Whose it is, is known: the command line shows its own.
    return {key: value for key, value in values.items() if key != "owner"}
