// Whether the database holds anything that is not ours.
MATCH (n) WHERE NOT n:Cityweave AND NOT n:CityweaveGraph
RETURN 1 AS found LIMIT 1
