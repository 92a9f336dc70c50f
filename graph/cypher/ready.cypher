// The graph is whole: counts and sums were compared.
MATCH (s:CityweaveGraph {one: 1})
SET s.status = 'ready', s.generation = $generation, s.base_edge = '', s.base_node = '', s.phase = '', s.done = 0
