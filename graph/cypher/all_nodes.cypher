MATCH (n:Cityweave)
RETURN n.node_id AS node_id, n.kind AS kind, n.begins AS begins, n.ends AS ends, n.ends_sources AS ends_sources, n.degree AS degree, n.print AS print
