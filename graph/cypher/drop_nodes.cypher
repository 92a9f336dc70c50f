// Takes away what is ours, some rows at a time; returns how many went.
MATCH (n:Cityweave) WITH n LIMIT $rows DETACH DELETE n RETURN count(*) AS gone
