// A batch counts once: its transaction moves `done`, so a batch that was committed before the connection broke finds nothing to do.
MATCH (s:CityweaveGraph {one: 1}) WHERE s.phase = $phase AND s.done = $done AND s.status = 'loading'
SET s.done = $after WITH s
UNWIND $rows AS r
MATCH (a:Cityweave {node_id: r[0]}) MATCH (b:Cityweave {node_id: r[1]})
CREATE (a)-[:$(toUpper(r[3])) {edge_id: r[2], valid_from: r[4], valid_to: r[5], detail: r[6], fact_id: r[7], events: r[8], sources: r[9]}]->(b)
