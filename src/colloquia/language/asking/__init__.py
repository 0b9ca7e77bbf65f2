"""What an utterance asks, and what was asked, answered, declined or given away before."""
