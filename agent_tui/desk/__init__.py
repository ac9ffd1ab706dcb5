"""What an agent does: lists, answers, changes with their inverses. Knows neither the screen nor the network."""
