"""What answers on a port, what a device says, and what is wrong: read-only."""
