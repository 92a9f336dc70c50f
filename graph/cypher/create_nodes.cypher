// A batch counts once: its transaction moves `done`, so a batch that was committed before the connection broke finds nothing to do.
MATCH (s:CityweaveGraph {one: 1}) WHERE s.phase = $phase AND s.done = $done AND s.status = 'loading'
SET s.done = $after WITH s
UNWIND $rows AS r
CREATE (n:Cityweave:$($labels[r[1]]) {node_id: r[0], kind: r[1], begins: r[2], ends: r[3], ends_sources: r[4], degree: r[5], print: r[6]})
