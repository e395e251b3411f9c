"""What ``bench throughput`` measures with: a school of many kits, printers with a clock, contenders."""
