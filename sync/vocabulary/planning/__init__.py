"""The rules by which ERP plans, as pure functions on integers: ERP executes them, the engine projects them, `check`
tests them. One model of ERP, not two."""
