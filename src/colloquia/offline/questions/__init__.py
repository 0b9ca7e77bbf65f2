"""The questions a snippet affords, planned and put in the manner of a persona."""
