// The next phase begins.
MATCH (s:CityweaveGraph {one: 1}) SET s.phase = $phase, s.done = 0
