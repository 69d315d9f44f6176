"""The migrations of the archive, in order; Alembic runs them when an older archive is opened."""
