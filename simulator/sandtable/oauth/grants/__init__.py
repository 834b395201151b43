"""The grants of the token endpoint, one file each; `sandtable.oauth.endpoints.server.GRANTS` lists them."""
