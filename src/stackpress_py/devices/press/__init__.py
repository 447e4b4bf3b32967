"""One press: its profile, and how its devices and buses become one reading and take one command."""
