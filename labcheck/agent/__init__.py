"""What runs on a workstation: questions in, answers out, as lines of JSON.

It is pushed there as a bundle (:mod:`labcheck.bundle`) and knows nothing of the rest of this project. It runs
on Python 3.9 and newer, on Linux and on Windows, with the standard library, psutil and sounddevice, the last
two only where they are needed."""
