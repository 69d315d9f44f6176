"""The pages of the gateway: its description for people, and for programs."""
