"""What the routing engine promises, rule by rule and under random traffic."""
