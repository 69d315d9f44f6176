"""The words everybody here speaks: frozen values, and the errors. Imports nothing else of ours."""
