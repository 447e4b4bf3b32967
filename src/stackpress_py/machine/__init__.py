"""The machine's state: PackML, the handover with robots, and the course of a run."""
