"""Commands that write a training corpus, and check one."""
