"""An exported corpus as a training sees it: its rows and questions, and their tokens."""
