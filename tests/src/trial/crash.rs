//! A run in which the gateway itself is killed with SIGKILL, again and again, and started on the same data.
