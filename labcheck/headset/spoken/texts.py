"""What the person reads, at the seat or at the controller."""

from __future__ import annotations

from labcheck.errors import N_
from labcheck.headset.spoken.chance import TRIALS
from labcheck.headset.spoken.draw import Sound
from labcheck.headset.spoken.steps import Screen, Word

ASKED = {
    Screen.START: N_(
        "Put the headset on. The letter L (Л) belongs on the left ear. You will hear {trials} numbers, each "
        "in one ear. Then you will read a sentence aloud."
    ),
    Screen.WORD: N_("Which number did you hear, and in which ear?"),
    Screen.SPEAK: N_("Read this sentence aloud, in your usual voice:"),
    Screen.AGAIN: N_("Your voice was not heard well. Move the microphone to your mouth, and read once more:"),
    Screen.SOUND: N_("What was that?"),
    Screen.PLAYING: N_("Listen …"),
    Screen.RECORDING: N_("Speak now!"),
    Screen.END: N_("That was all. Thank you! This page can be closed."),
}
OFFERED: dict[Word | Sound, str] = {
    Word.READY: N_("Begin"),
    Word.NOTHING: N_("I hear nothing"),
    Word.BOTH: N_("In both ears"),
    Word.REPEAT: N_("Once more"),
    Word.BACK: N_("One back"),
    Word.STOP: N_("Stop"),
    Sound.OWN: N_("My voice"),
    Sound.OTHER: N_("Somebody else's voice"),
    Sound.NOISE: N_("Noise"),
}
LEFT, RIGHT = N_("In the left ear"), N_("In the right ear")
SPEAK = N_("Record now")
COUNT = N_("{number} of {all}")
LOST = N_("The connection has ended. This page can be closed.")
PARAMS = {"trials": TRIALS}
"""What goes into ASKED."""
