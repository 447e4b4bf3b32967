"""``stackpress tune``: measures a machine safely, and writes the constants of its control loops."""
