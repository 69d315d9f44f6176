"""A browser window in which a person signs in: one seam, and a driver for each library that can open it."""
