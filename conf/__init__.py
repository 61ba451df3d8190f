"""Hydra's groups. A package, so that `viva` finds them from a wheel as well."""
