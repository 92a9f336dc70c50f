// A batch counts once: its transaction moves `done`, so a batch that was committed before the connection broke finds nothing to do.
MATCH (s:CityweaveGraph {one: 1}) WHERE s.phase = $phase AND s.done = $done AND s.status = 'loading'
SET s.done = $after WITH s
UNWIND $rows AS r
MERGE (n:Cityweave {node_id: r[0]})
SET n:$($labels[r[1]]), n.kind = r[1], n.begins = r[2], n.ends = r[3], n.ends_sources = r[4], n.degree = r[5], n.print = r[6]
