"""A whole season replayed: the real code in one process and one thread, with people who are simulated."""
