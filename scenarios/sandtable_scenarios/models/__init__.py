"""What ought to be in an instance, in plain dictionaries that share no code with the simulator."""
