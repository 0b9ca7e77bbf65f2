"""From an exported corpus to a fine-tuned student; knows files, never the store."""
