// Before the first row: without the constraint a load takes thirty times as long.
CREATE CONSTRAINT cityweave_node IF NOT EXISTS FOR (n:Cityweave) REQUIRE n.node_id IS UNIQUE;
CREATE CONSTRAINT cityweave_graph IF NOT EXISTS FOR (s:CityweaveGraph) REQUIRE s.one IS UNIQUE;
CREATE INDEX cityweave_begins IF NOT EXISTS FOR (p:Person) ON (p.begins);
CALL db.awaitIndexes(600)
