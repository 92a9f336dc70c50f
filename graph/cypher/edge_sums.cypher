MATCH (a:Cityweave)-[e]->(b:Cityweave)
WITH type(e) AS name, e, ((a.print * 2 + b.print) % 2147483647) * (e.edge_id % 2147483647) % 2147483647 + e.fact_id % 2147483647 AS ends
RETURN name, count(*) AS rows,
       sum((ends + coalesce(e.valid_from.year * 400 + e.valid_from.ordinalDay, 0) * 31 + coalesce(e.valid_to.year * 400 + e.valid_to.ordinalDay, 0) * 37
            + e.events * 41 + size(coalesce(e.detail, '')) * 43 + size(e.sources) * 47) % 2147483647) AS total
