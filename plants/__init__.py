"""The modelled world: the physical network, the enterprise systems that describe it, and the people."""
