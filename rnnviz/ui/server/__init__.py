"""The server around the pages: what starts and ends with it, and what protects it."""

from rnnviz.ui.server.lifespan import lifespan, middleware, routes

__all__ = ["lifespan", "middleware", "routes"]
