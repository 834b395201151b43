"""What the platform answers at addresses that end in `.do`: exports, JSONv2, SOAP, uploads of files to import."""
