"""String functions as units: laboratory, explainers, board. `python -m benchmark.strings` writes the results."""
