"""Parts of the thermal benchmark."""
