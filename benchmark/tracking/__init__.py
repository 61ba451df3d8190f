"""Trackers, imported only when a run asks for one."""
