"""One module per migration. A published one is never changed."""
