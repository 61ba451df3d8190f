"""The teaching experiment over a suite: courses, cohorts, scores, effects and gates."""
