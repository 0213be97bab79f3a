"""The running service: wiring, loops, servers and reports. Only here are there loops, log lines and metrics."""
