"""Model backends behind one port, and the ledger of calls."""
