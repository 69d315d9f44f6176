"""The HTTP door: an OpenAI-compatible gateway in front of a `Client`."""
