"""The only package that imports transformer_lens and sae_lens: subjects, their SAEs, and harvest."""
