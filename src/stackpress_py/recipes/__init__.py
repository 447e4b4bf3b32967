"""Recipes: their model, their parameters, and the checks before anything moves."""
