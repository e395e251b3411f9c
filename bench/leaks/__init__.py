"""Plants leaks and harmless look-alikes in a tree that is laid out as a computer's disk. Knows formats, and
nothing of how an audit recognises them."""
