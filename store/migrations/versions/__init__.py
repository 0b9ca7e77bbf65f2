"""The steps, one file each: `upgrade` leads from the version before to the one it is named for."""
