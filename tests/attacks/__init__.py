"""What an attacker tries, one file per way in; `make attack` runs the fuzzer at length."""
