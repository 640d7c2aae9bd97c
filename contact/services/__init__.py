"""What can be done: one function per action, session first; services flush at most, the unit of work commits."""
