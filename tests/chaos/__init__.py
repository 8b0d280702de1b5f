"""Breaks everything on purpose while the real processes work, then checks that nothing was lost or doubled."""
