"""The demo in a browser: the story on the left, the instance on the right, and a presenter's hands on both."""
