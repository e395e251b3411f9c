"""What is said of each cause: the remedy, in the words of somebody who stands at the computer."""

from __future__ import annotations

import math

from labcheck.errors import N_
from labcheck.headset.causes import Cause
from labcheck.phrase import Phrase, phrase

UNKNOWN = phrase(N_("could not be measured"))
_RESERVE = N_("If it stays so, take a reserve headset.")
REMEDIES = {
    Cause.DEVICE_CHANGED: N_(
        "The headset went away during the test: push its plug in firmly, use a socket of the computer "
        "itself, check again."
    ),
    Cause.SILENT: N_(
        "Switch the microphone on: the switch on its cable, the mute key, the privacy settings. Push its "
        "plug in."
    ),
    Cause.LOOPBACK: N_(
        "What was recorded did not come through the air: choose the headset's microphone instead of the "
        "monitor (stereo mix), and pull out a cable that joins output and input."
    ),
    Cause.WRONG_RATE: N_(
        "Set the headset to 48000 Hz in the sound settings of that computer, for recording and for "
        "playing, and check again."
    ),
    Cause.OTHER_SEATS_PLUG: N_(
        "This microphone hears the earphones of another seat: the plugs of two seats are exchanged. "
        "Follow the cables and change them back."
    ),
    Cause.WRONG_DEVICE: N_(
        "Not the headset's microphone is recorded but one far from it: choose the headset in the sound "
        "settings, switch the other microphone off."
    ),
    Cause.NOTHING_HEARD: N_(
        "Neither earphone is heard: push the plug of the earphones in, turn up the volume wheel on the "
        "cable, lay the headset down with the microphone beside a cup. One that does not leak is checked by "
        "ear: 'labcheck spoken'."
    ),
    Cause.DEAD_LEFT: N_(
        "The left earphone is silent: push the plug in fully and turn it, look at the balance in the "
        "sound settings."
    ),
    Cause.DEAD_RIGHT: N_(
        "The right earphone is silent: push the plug in fully and turn it, look at the balance in the "
        "sound settings."
    ),
    Cause.DRIFT: N_(
        "Recording and playing run at different speeds: plug the headset into a socket of the computer "
        "itself, not into a hub."
    ),
    Cause.CLIPPING: N_("The microphone is set so loud that it clips: turn its level and its boost down."),
    Cause.SUPPRESSION: N_(
        "Something filters the sound: switch off noise suppression, echo cancelling and 'enhancements' in"
        " the sound settings."
    ),
    Cause.GAIN_CONTROL: N_(
        "The microphone's level changes by itself: switch off automatic gain control in the sound settings."
    ),
    Cause.DROPOUTS: N_(
        "Sound is missing: close other programs, plug the headset into a socket of the computer itself, "
        "not into a hub."
    ),
    Cause.MONO: N_(
        "Both earphones play the same: switch off mono sound in the sound settings; a plug with too few "
        "contacts does this, too."
    ),
    Cause.SWAPPED: N_(
        "Left and right are exchanged: turn the headset round, or see whether the channels are exchanged "
        "in the sound settings."
    ),
    Cause.POLARITY: N_(
        "One earphone is connected the wrong way round. Take a reserve headset; this one needs repair."
    ),
    Cause.TOO_LOUD: N_("The microphone is too loud: turn its level and its boost down."),
    Cause.TOO_QUIET: N_("The microphone is too quiet: turn its level up, and the volume wheel on the cable."),
    Cause.NOISE: N_(
        "The microphone is noisy: move it away from fans, turn its boost down, use another socket."
    ),
    Cause.HUM: N_(
        "The microphone hums: unplug chargers beside it, use another socket of the computer, keep its "
        "cable away from mains cables."
    ),
    Cause.DC_OFFSET: N_("The microphone's signal is shifted: use another socket."),
    Cause.NARROW: N_(
        "It sounds like a telephone: a Bluetooth headset cannot be used; choose the profile with full "
        "sound, or 48000 Hz, in the sound settings."
    ),
    Cause.DISTORTION: N_(
        "The sound is distorted: turn volumes above 90 % down, see whether something touches the "
        "earphone's membrane."
    ),
    Cause.LOUD_NEIGHBOUR: N_(
        "Another seat is heard almost as well as one's own: separate cables and headsets that lie or hang"
        " together."
    ),
    Cause.NOT_MEASURABLE: N_(
        "This could not be measured: make it quiet in the room and check again; if it stays so, check this "
        "headset by ear: 'labcheck spoken'."
    ),
}
_REPLACED = frozenset(
    {Cause.NOT_MEASURABLE, Cause.POLARITY, Cause.OTHER_SEATS_PLUG, Cause.LOUD_NEIGHBOUR, Cause.LOOPBACK}
)
"""Where another headset changes nothing, or was said already."""


def remedy(cause: Cause) -> Phrase:
    """What to do about it."""
    done = phrase(REMEDIES[cause])
    if cause in _REPLACED:
        return done
    return phrase("{first} {then}", first=done, then=phrase(_RESERVE))


def decibels(value: float) -> Phrase:
    """ "-45 dB", to the whole."""
    if not math.isfinite(value):
        return UNKNOWN
    return phrase(N_("{value} dB"), value=round(value))
