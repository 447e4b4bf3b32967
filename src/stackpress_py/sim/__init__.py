"""The simulated press: a program of its own behind a serial line. It imports nothing of the rest."""
