"""Stackpress: a press turned into an instrument for solid-state battery cells."""

__version__ = "0.1.0"
