"""Simulated instruments and drives, built from their manuals' register maps."""
