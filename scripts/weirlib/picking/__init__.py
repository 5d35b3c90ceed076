"""The parts of scripts/weir pick: a load in, an answer out."""
