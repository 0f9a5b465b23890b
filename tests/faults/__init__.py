"""The fault harness: checks acknowledged pages after failures of processes, servers, disks, connections and clocks.

`python -m tests.faults --short` (or `test_faults.py`) takes two or three minutes, `--full` half an hour or more; `--only NAME`
runs the scenarios whose names contain NAME. The table on standard output is Markdown. Each scenario in SCENARIOS reports a
figure beside its goal, and the same figure for a control: a deliberately careless engine, in which the scenario must find the
fault. A new scenario is a file in `scenarios/` and a line in its table.
"""
