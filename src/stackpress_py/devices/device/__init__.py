"""One device on a bus: what its profile says of it, and how it is identified, polled and written."""
