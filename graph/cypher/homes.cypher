// turning: where these people live on the day.
UNWIND $ids AS id
MATCH (p:Person:Cityweave {node_id: id})-[e:LIVES_IN]->(home:Cityweave)
WHERE (e.valid_from IS NULL OR e.valid_from <= $day) AND (e.valid_to IS NULL OR e.valid_to > $day)
RETURN id, home.node_id AS home, e.valid_from AS since
