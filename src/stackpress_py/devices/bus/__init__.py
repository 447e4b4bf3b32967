"""What goes over the wires: frames, ports, protocols. It knows neither devices nor presses."""
