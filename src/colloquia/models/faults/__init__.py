"""What can go wrong with a call: causes, errors, and how keys stay out of both."""
