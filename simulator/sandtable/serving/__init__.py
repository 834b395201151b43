"""Instances put together and served: assembly and start image, the server, HTTPS and its certificates, the proxy."""
