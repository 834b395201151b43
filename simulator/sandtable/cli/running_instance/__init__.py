"""Commands that read or change an instance that runs somewhere, real or simulated, as its users would."""
