"""What every registered adapter promises, held by the same scenarios: a new one brings its counterpart, and passes."""
