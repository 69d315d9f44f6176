"""Who answers next: the accounts, and how fast each may be asked."""
