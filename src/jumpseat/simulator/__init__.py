"""A stand-in for Microsoft Copilot and GitHub Copilot over real sockets; shares nothing with the client."""

from jumpseat.simulator.fault_table import faults
from jumpseat.simulator.server import DEFAULT_PORT, DIALECTS, Simulator, SimulatorThread, run

__all__ = ["DEFAULT_PORT", "DIALECTS", "Simulator", "SimulatorThread", "faults", "run"]
