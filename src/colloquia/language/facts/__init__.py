"""The numbers, dates and names of a text, and whether its sources hold them."""
