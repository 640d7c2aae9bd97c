"""The wire format, for REST and Socket.IO alike."""
