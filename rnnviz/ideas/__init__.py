"""The ideas: what the founding articles teach, computed; one module or folder for each page."""
