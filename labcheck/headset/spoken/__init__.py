"""The spoken check: a person hears numbers in either ear, says a sentence and hears it back.

For headsets whose earcups do not leak into their microphone, and for whoever wants a person to judge. The
person never says "it works": every question is a choice whose right answer only somebody who hears can know.
"""
