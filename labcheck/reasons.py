"""Why a workstation's agent could not tell or do something, in words that can be said in any language.

The agent speaks English, and knows nothing of languages. What it is known to say is found here and becomes a
phrase; all else (an operating system's, a library's or an exam program's own words) is quoted as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from labcheck.cleaning import LONGEST, TEXT_CHARACTERS, clean
from labcheck.errors import N_
from labcheck.phrase import Phrase, phrase

OF_THE_AGENT = (
    # processor, clock, screen, power, session
    N_("the system does not say how fast the processor is"),
    N_("the system does not say how much memory it has"),
    N_("the kernel does not tell how its clock is kept"),
    N_("no display is in reach, and the kernel knows no connected screen"),
    N_("no video controller shows a picture"),
    N_("neither systemd-logind nor a desktop says when this computer sleeps"),
    N_("powercfg does not say when the computer sleeps"),
    N_("systemd-logind does not run, so nobody tells who is logged in"),
    N_("this system does not say how long nobody touched it"),
    N_("{user} is logged in at the screen, and the connection is not that account's"),
    N_("the controller measures it"),
    # sound
    N_("no sound server runs for that account"),
    N_("the sound server does not answer"),
    N_("no sound server answers, and the kernel has no sound card"),
    N_("{reason}; no sound card is known to PipeWire or the kernel either"),
    N_("PipeWire is there without its PulseAudio side: install pipewire-pulse and pulseaudio-utils"),
    N_("pw-dump printed no JSON"),
    N_("Core Audio: PowerShell printed no JSON"),
    N_("there is no such sound device"),
    N_("that input records what is played; it is no microphone"),
    N_("the process that opens the sound device crashed"),
    N_("the sound device does not come to an end"),
    N_("another test of the sound is under way on this workstation"),
    N_("the sound server connected our streams to other devices than the chosen ones"),
    N_("a sound device went away and came again during the test"),
    N_("the moment to start at is past"),
    N_("nobody says when to begin"),
    N_("PortAudio does not know {device}"),
    N_("nothing comes from the input"),
    N_("the streams did not come to their end"),
    N_("nothing is prepared that could be started"),
    N_("Windows lets only a person choose the default device: Settings, System, Sound"),
    N_("under Windows the microphone is left to the exam program alone"),
    N_("no sound server lets two programs listen at once here"),
    N_("no microphone is in use"),
    N_("the microphone is muted"),
    N_("a wireless headset is not listened to: it might change its mode"),
    # the exam program
    N_("the program belongs to somebody else"),
    N_("that cannot be put right from afar"),
    N_("the description of the software is off: {mistake}"),
    N_("the software needs a name, a version and files, each file once"),
    N_("a file's path or checksum is off"),
    N_("the signature is not that of these files"),
    N_("files that came are not the ones described"),
    N_("that version is not the one in use"),
    N_("there is no previous version to go back to"),
    N_("the {step} command of the software failed, once more"),
    N_("the {step} command of the software failed; the former version is in use again"),
    N_("the {step} command of the software failed; it was taken away again"),
    N_("the uninstall command of the software failed"),
    N_("a program in the software's folder is running"),
    N_("that is no answers folder"),
    N_("the answers folder is inside the software's own, which is removed with it"),
    # the conversation
    N_("another run is at work on this workstation"),
    N_("another request is under way"),
    N_("ask for the lock first"),
    N_("this agent does not know that request"),
    N_("no such step of an installation"),
    N_("not a request"),
    N_("which folder?"),
    N_("which program, and how is it started?"),
    N_("input or output?"),
    N_("a level is from 0 to 100 per cent"),
    N_("a level is from 0 to 100 per cent, of input or output"),
    N_("nothing to play or record, or an impossible rate"),
    N_("that recording is too long for one answer"),
    N_("a recording around what is played begins 0.5 s before it"),
    N_("pcm is not base64, or not packed as it should be"),
    N_("pcm is too long, or not 16-bit"),
    N_("open, show, ask or close?"),
    N_("no page is shown"),
    N_("no answer"),
)
"""All that it says in words of its own; {parts} are a name, or somebody's words again."""
OF_OTHERS = (
    N_("PortAudio library not found"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("No space left on device"),
    N_("Read-only file system"),
)
"""What it often hands on from others."""
_PART = re.compile(r"\{(\w+)\}")


def _patterns(templates: Iterable[str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each with what matches it; {parts} are named groups."""
    found = []
    for template in templates:
        *pieces, last = _PART.split(template)
        pairs = zip(pieces[::2], pieces[1::2], strict=True)
        pattern = "".join(f"{re.escape(text)}(?P<{part}>.+?)" for text, part in pairs) + re.escape(last)
        found.append((re.compile(pattern), template))
    return tuple(found)


_KNOWN = _patterns((*OF_THE_AGENT, *OF_OTHERS))


def said(untrusted: str, most: int = TEXT_CHARACTERS) -> Phrase:
    """What an agent said: known, it is said in any language; unknown, it is quoted, ``most`` characters."""
    line = " ".join(untrusted[:LONGEST].split())
    known = _known(line)
    if known is not None:
        return known
    program, colon, rest = line.partition(": ")
    words = _known(rest) if colon else None
    if words is not None:
        return phrase("{program}: {words}", program=clean(program), words=words)
    return phrase("{words}", words=clean(line, most))


def _known(line: str) -> Phrase | None:
    for pattern, template in _KNOWN:
        if match := pattern.fullmatch(line):
            return phrase(template, **{part: said(words) for part, words in match.groupdict().items()})
    return None
