"""The finetuned reader's network: all-MiniLM-L6-v2's encoder, trained on to say on which words a claim holds."""
