"""How a workstation is reached: commands, files and one long-lived program, over SSH or on this machine."""
