"""Units, where their truth sits, and the document split that every unit shares."""
