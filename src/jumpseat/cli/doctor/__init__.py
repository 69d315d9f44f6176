"""`jumpseat doctor`: what is well, what is not, and the next command to type."""
