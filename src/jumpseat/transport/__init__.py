"""Wires: how bytes and frames travel. The only place (the simulator aside) that knows a network library."""
