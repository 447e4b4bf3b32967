"""What bench/bus.py measures."""
