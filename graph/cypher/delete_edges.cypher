// A batch counts once: its transaction moves `done`, so a batch that was committed before the connection broke finds nothing to do.
MATCH (s:CityweaveGraph {one: 1}) WHERE s.phase = $phase AND s.done = $done AND s.status = 'loading'
SET s.done = $after WITH s
UNWIND $rows AS r
MATCH (a:Cityweave {node_id: r[0]})-[e:TYPE {edge_id: r[2]}]->(b:Cityweave {node_id: r[1]})
DELETE e
