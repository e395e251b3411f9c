"""Every single check: pure functions from a workstation's word and the profile's limits to a finding."""
