"""What a student acts in: the protocol, a sandboxed shell with its tasks, and episodes in them."""
