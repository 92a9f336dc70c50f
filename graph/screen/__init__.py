"""Tender screening: which bidders belong together, on what evidence, and what speaks against it. Read `model.py` first."""
