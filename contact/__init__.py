"""The contact centre: tickets, the people who answer them, and the ways in."""
