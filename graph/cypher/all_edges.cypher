MATCH (a:Cityweave)-[e]->(b:Cityweave)
RETURN a.node_id AS from_id, b.node_id AS to_id, e.edge_id AS edge_id, toLower(type(e)) AS type, e.valid_from AS valid_from, e.valid_to AS valid_to,
       e.detail AS detail, e.fact_id AS fact_id, e.events AS events, e.sources AS sources
