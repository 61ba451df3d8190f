"""`python -m benchmark.subjects.superposed --out FOLDER --seed N`: make a set of superposed units."""

from benchmark.subjects.superposed.train import main

if __name__ == "__main__":
    main()
