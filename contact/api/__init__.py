"""The ways in over HTTP and sockets: one blueprint per resource."""
