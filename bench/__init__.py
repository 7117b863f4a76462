"""How fast the event core is, and against whom: the same models on PlantSync and its peers, in the same run."""
