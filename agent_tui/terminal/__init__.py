"""The output layer: between Textual and the terminal. `layer.OutputLayer` is its one door."""
