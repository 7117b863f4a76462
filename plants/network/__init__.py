"""The physical network above the machine floor: sites, materials, lanes, suppliers, customers."""
