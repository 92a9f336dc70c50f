// What Rows.sums (graph/neo4j_rows.py) comes to, counted by the database from what it holds.
MATCH (n:Cityweave)
RETURN n.kind AS name, count(*) AS rows,
       sum((n.print * 31 + n.degree * 7 + coalesce(n.ends.year * 400 + n.ends.ordinalDay, 0) * 3
            + size(coalesce(n.begins, '')) + size(coalesce(n.ends_sources, ''))) % 2147483647) AS total
