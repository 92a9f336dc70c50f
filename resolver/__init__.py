"""Floor 3: records become entities: block, score, cluster, survive, lifecycle, explain, decide."""
