"""From a recipe to a run: started, shared by workers, projected, and looked at later."""
