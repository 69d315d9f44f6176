"""Microsoft Copilot: the classic protocol as a pure machine, its REST calls, and the shell that waits."""
