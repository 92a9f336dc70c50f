// Which generation the graph holds and whether it is whole; nothing is answered from one that is not `ready`.
MATCH (s:CityweaveGraph {one: 1})
RETURN s.owner AS owner, s.generation AS generation, s.status AS status, s.edge_key AS edge_key, s.node_key AS node_key,
       s.base_edge AS base_edge, s.base_node AS base_node, s.phase AS phase, s.done AS done, s.format AS format
