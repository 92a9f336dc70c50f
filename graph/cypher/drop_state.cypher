MATCH (s:CityweaveGraph) DELETE s
