"""The simulator's command: files in, tables, charts and a page out; the simulation itself is `routing.simulate`."""
