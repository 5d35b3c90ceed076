"""The command line behind scripts/weir: builds, measures, reads results, reports."""
