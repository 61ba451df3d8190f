"""Exam."""
