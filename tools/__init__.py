"""What keeps the project in order: locks, shape limits, generated pages. Not part of the package."""
