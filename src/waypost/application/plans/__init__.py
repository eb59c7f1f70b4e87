"""Plans: what a consumer is promised; a plan's versions never change."""
