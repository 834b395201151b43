"""What each connector type asks of an instance, request by request, and what it makes of the answers."""
