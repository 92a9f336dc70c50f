// neighbours: the edges that lead from the level before ($before) to those shown ($ids).
UNWIND $ids AS id
MATCH (n:Cityweave {node_id: id})-[e]-(m:Cityweave)
WHERE ($types IS NULL OR type(e) IN $types)
  AND ($day IS NULL OR ((e.valid_from IS NULL OR e.valid_from <= $day) AND (e.valid_to IS NULL OR e.valid_to > $day)))
  AND m.node_id IN $before
RETURN DISTINCT e.edge_id AS edge_id, type(e) AS type, startNode(e).node_id AS from_id, endNode(e).node_id AS to_id, e.valid_from AS valid_from, e.valid_to AS valid_to,
       e.detail AS detail, e.fact_id AS fact_id, e.events AS events, e.sources AS sources
