"""`viva rewrite`: a run's reports put in the place of the subject's latents, and what that does to its loss."""
