"""What the process is told from outside: Ctrl-C and SIGTERM."""
