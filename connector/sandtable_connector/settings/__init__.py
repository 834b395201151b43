"""What `kibana.yml` says of the network: hosts that are allowed, proxies, certificates, limits and retries."""
