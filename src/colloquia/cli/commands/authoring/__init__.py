"""Commands about what users write: a project, recipes, templates and persona cards."""
