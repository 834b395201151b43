"""What the web keeps beside an instance, where several processes have the instance in common."""
