"""The fault harness: what happens to acknowledged pages when processes, servers, disks, lines and clocks fail.

`python -m tests.faults --short` (or the test beside it) takes two or three minutes, `--full` half an hour or more; `--only
NAME` limits it to scenarios whose names hold that. The table on standard output is Markdown. Each scenario in SCENARIOS
reports a figure beside its goal, and the same figure from a control: an engine made careless on purpose, in which the
scenario must find the fault. A new scenario is a file in `scenarios/` and a line in its table.
"""
