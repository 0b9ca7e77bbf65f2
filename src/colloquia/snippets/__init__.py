"""Files and folders of factual text, streamed as snippets."""
