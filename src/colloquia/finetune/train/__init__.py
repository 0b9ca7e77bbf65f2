"""Methods, stages and orders of a training, and the folder that comes of it."""
