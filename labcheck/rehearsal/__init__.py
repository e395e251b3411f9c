"""A virtual language lab on loopback: real SSH servers, real sound servers, and faults on request."""
