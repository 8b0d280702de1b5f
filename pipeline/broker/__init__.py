"""The doorbell: Redis carries hints that a case, logo or letter wants looking at; the database knows."""
