"""The files of the database: connections that read them, and what happens to them meanwhile."""
