"""The study of planted circuits: every explainer without a language model on every model, into tables and a page."""
