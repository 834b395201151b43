"""The renderer of action parameters: mustache as Kibana has it, with the functions that templates may call."""
