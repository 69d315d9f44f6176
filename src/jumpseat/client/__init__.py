"""The client: joins model, conversation, account and upstream into one stream of events."""

from jumpseat.client.client import Client
from jumpseat.client.upstream import Upstream

__all__ = ["Client", "Upstream"]
