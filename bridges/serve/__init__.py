"""The live twin: paced, told to the outside, commanded from there."""
