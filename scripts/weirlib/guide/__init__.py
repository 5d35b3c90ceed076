"""Which channel for which need: a decision over a run's figures that may also be that there is none."""
