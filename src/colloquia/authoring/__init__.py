"""What people write, loaded, checked and rendered: persona cards and prompt templates."""
