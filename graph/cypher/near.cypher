// neighbours, path, paths: who is next to these nodes, by edges that hold.
UNWIND $ids AS id
MATCH (n:Cityweave {node_id: id})-[e]-(m:Cityweave)
WHERE ($types IS NULL OR type(e) IN $types)
  AND ($day IS NULL OR ((e.valid_from IS NULL OR e.valid_from <= $day) AND (e.valid_to IS NULL OR e.valid_to > $day)))
RETURN DISTINCT id, m.node_id AS near, m.degree AS degree
