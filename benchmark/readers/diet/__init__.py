"""What the finetuned reader is taught: claims, texts, and on which words each claim holds. No suite is needed."""
