"""What `viva rewrite` refuses."""

from benchmark.errors import UserError


class RewriteError(UserError):
    """A run has nothing to rewrite, or its subject cannot be had."""
