"""Documents on paper: what stands in them, and how that becomes a PDF."""
