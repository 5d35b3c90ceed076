"""scripts/weir gate: is a candidate slower than its base? An answer that holds on a noisy machine."""
