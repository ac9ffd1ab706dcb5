"""The worker: it pulls, reads, places and stores what comes in, and sends what goes out. It never touches the screen."""
