"""Floor 2: data elements, contracts and the rule language; detect, repair, report."""
