"""The commands, a file each, by what they are about; `options` has what all of them take."""
