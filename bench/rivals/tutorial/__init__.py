"""The tutorial's stack: daphne, a synchronous consumer, the layer in memory; one of the servers of the bench."""
