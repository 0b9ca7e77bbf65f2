"""Where an answer is decided: pivotal tokens and turns."""
