"""The examiners are examined: false positives, power, validity and transfer of readers and of 3 sigma (METHOD.md 4)."""
