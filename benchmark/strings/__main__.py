"""`python -m benchmark.strings`."""

from benchmark.strings.board import main

main()
