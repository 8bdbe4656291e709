"""Groups of processes, restarts, ending with the parent process, and the event loop."""
