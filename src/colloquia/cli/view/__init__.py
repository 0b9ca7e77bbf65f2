"""How things look: panel, transcript, totals, errors; what commands print with."""
