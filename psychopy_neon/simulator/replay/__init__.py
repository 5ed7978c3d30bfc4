"""Glasses that stream what others have recorded."""
