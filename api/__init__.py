"""Floor 5: the doors: command line and HTTP, over one door that masks and audits."""
