// From here on the graph is being loaded: base_edge and base_node say what it held before, empty for nothing.
MERGE (s:CityweaveGraph {one: 1})
SET s = {one: 1, owner: $owner, generation: $generation, status: 'loading', edge_key: $edge_key, node_key: $node_key,
         base_edge: $base_edge, base_node: $base_node, phase: '', done: 0, format: $format}
