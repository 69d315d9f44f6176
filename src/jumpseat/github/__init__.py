"""GitHub Copilot: the party behind `github.com/copilot`."""
