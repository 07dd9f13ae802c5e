"""How fast this library is beside others, measured in one run on one machine; only ratios are claimed.

==================  ==========================================================================================
``cases.py``        what is measured: the networks, their data and initial weights, who takes part, and the goals
``peers/``          the training step of each library, as its users would write it; a file for each
``worker.py``       the process in which one of them runs
``driver.py``       the processes take turns, and the times of each turn are compared
``alone.py``        what needs a process of its own for each measurement: growth, memory, imports
``profiling.py``    where the time of one of our steps goes
``report.py``       what was found, as text, as ``docs/benchmarks.md`` and as plots
==================  ==========================================================================================

Every library runs in a process of its own, since one of them, HIPS autograd, is imported as ``autograd``, too.
"""
