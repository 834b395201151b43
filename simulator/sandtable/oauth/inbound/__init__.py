"""What lets a call in beside a token, which APIs a scope opens, and which ways of authentication an API takes."""
