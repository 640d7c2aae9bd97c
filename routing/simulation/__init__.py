"""What surrounds the engine in a simulation: chance, scenarios, the event log and what it tells."""
