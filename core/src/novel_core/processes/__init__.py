"""What programs need that start others: restarting what dies, ending with the parent, and the event loop."""
