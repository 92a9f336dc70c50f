// turning: people whose date of birth begins so (a month), also where the day is not known.
MATCH (p:Person)
WHERE p.begins STARTS WITH $dashed OR p.begins STARTS WITH $plain
RETURN p.node_id AS id, p.begins AS begins, p.ends AS ends, p.ends_sources AS sources
