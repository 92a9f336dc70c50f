"""Floor 1: steps, store, plan; DuckDB and Spark; the functions both share."""
