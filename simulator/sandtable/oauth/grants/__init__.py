"""The grants of the token endpoint, one file each; `sandtable.oauth.server.GRANTS` lists them."""
