"""What a browser is shown: pages of the instance, sign-in, and consent to an OAuth client."""
