"""What explainers may spend, what they do spend, and what their scores are at each spend (METHOD.md section 5)."""
