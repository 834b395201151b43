"""What a fresh instance does with tasks by itself: incidents, problems, changes, requests, security incidents."""
