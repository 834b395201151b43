"""The instances behind one server, and what the web keeps beside each: sessions, snapshots, journal, faults."""
