"""The app: what a session runs, and the server around it."""

import os

import streamlit as st

from rnnviz.ui import frame, server

# torch reads this when it is first imported. The operations here are so small that several threads
# only wait for each other: on two busy cores the same training took 100 s instead of 6 s.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> None:
    """Draw the frame and the page that the address names."""
    frame.draw()


if __name__ == "__main__":  # A session runs the script.
    main()
elif __name__ == "app":  # The server imports it; in a worker process nothing must happen.
    app = st.App(
        __file__,
        lifespan=server.lifespan,
        routes=server.routes(),
        middleware=server.middleware(),
    )
