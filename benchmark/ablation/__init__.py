"""What each guardrail does, alone and with the others: arms from logs, effects, and the page that tells them."""
