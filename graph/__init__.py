"""Floor 4: facts become nodes and edges; stores and questions."""
