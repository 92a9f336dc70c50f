// Which of these there are, how many edges each has, and when it ended.
UNWIND $ids AS id
MATCH (n:Cityweave {node_id: id})
RETURN n.node_id AS id, n.degree AS degree, n.ends AS ends
