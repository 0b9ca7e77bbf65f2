"""When to send, send again or wait: retries, limits, breakers; knows no provider."""
