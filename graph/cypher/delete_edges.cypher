// A batch counts once: its transaction moves `done`, so a batch that was committed before the connection broke finds nothing to do.
MATCH (s:CityweaveGraph {one: 1}) WHERE s.phase = $phase AND s.done = $done AND s.status = 'loading'
SET s.done = $after WITH s
UNWIND $rows AS r
// Both ends first: from one of them alone it would be sought among all edges of a hub.
MATCH (a:Cityweave {node_id: r[0]}) MATCH (b:Cityweave {node_id: r[1]}) MATCH (a)-[e {edge_id: r[2]}]->(b) WHERE type(e) = toUpper(r[3])
DELETE e
