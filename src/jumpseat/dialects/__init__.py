"""The parties who call us: what their requests mean, and how they want to be answered. All pure."""
