"""The shell door: what a person types, and what they see."""
