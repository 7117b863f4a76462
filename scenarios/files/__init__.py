"""Files read strictly: nodes, units, fields, network, scenario, references, tables."""
