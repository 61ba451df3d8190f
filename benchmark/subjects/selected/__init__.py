"""What is measured in a subject: SAE latents, MLP neurons, or directions; each encodes activations at one hook."""
