"""A site as it is deployed, for runs that break it or load it: servers, processes, a council."""
