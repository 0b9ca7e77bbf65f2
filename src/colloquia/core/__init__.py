"""What everything stands on: values, ports, the recipe, errors, hashes."""
