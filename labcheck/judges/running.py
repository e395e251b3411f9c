"""How the computer runs at this moment: clock, power, what else is at work, who is at the screen."""

from __future__ import annotations

from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.finding import Check
from labcheck.judges.base import Judge, Judged, Seen, above, below, when, within, yes_no
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, listed, phrase, zone
from labcheck.requirements import Requirements

_PROCESSES = 20_000
_MINUTES = 1_000_000
_HOUR = 3600
_TOO_COARSE = phrase(N_("the answer took too long to compare the clocks"))
_LAST_SECOND = 1e11
"""Of the clock's seconds since 1970; beyond any clock that still makes sense."""


def _clock(facts: Facts, wanted: Requirements, seen: Seen) -> Judged:
    """The workstation read its clock some time between question and answer: its offset lies in a range."""
    most = wanted.max_clock_offset_s or 0.0
    there = facts.number("clock", "utc", low=0, high=_LAST_SECOND)
    low, high = there - seen.answered, there - seen.asked
    if not -_LAST_SECOND <= low <= high <= _LAST_SECOND:
        raise NotKnown(SENSELESS)
    surely = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    perhaps = max(abs(low), abs(high))
    if surely <= most < perhaps:
        raise NotKnown(_TOO_COARSE)
    offset = _offset(low + high)
    remedy = phrase(
        N_(
            "Set the clock by the network: Settings, Time, Synchronise now. Where there is no internet, "
            "set it by hand like this computer's."
        )
    )
    return within(offset, below(perhaps if perhaps <= most else surely, most), remedy)


def _offset(twice: float) -> Phrase:
    if abs(twice) < 1:
        return phrase(N_("right to the second"))
    seconds = max(1, round(abs(twice) / 2))
    if seconds < _HOUR / 60:
        amount = phrase(N_("{seconds} s"), seconds=seconds)
    elif seconds < 2 * _HOUR:
        amount = phrase(N_("{minutes} min {seconds} s"), minutes=seconds // 60, seconds=seconds % 60)
    elif seconds < 48 * _HOUR:
        amount = phrase(N_("{hours} h {minutes} min"), hours=seconds // _HOUR, minutes=seconds % _HOUR // 60)
    else:
        amount = phrase(N_("{count} days"), count=seconds // (24 * _HOUR))
    return phrase(N_("fast by {amount}") if twice > 0 else N_("slow by {amount}"), amount=amount)


def _zone(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    found = facts.whole("clock", "utc_offset_minutes", low=-18 * 60, high=18 * 60)
    right = wanted.utc_offset_minutes or 0
    remedy = phrase(N_("Set the time zone {zone} in the settings of date and time."), zone=zone(right))
    return yes_no(found == right, zone(found), remedy)


def _power(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    if facts.is_null("power", "ac"):
        if not facts.is_null("power", "battery_percent"):
            raise NotKnown(SENSELESS)
        return Judged(Outcome.PASS, phrase(N_("mains, there is no battery")))
    mains = facts.flag("power", "ac")
    measured = phrase(N_("mains") if mains else N_("battery"))
    return yes_no(mains, measured, phrase(N_("Plug in the power adapter; check that its light is on.")))


def _battery(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    if facts.is_null("power", "battery_percent"):
        return Judged(Outcome.PASS, phrase(N_("there is no battery")))
    least = wanted.min_battery_percent or 0
    charge = facts.number("power", "battery_percent", low=0, high=100)
    remedy = phrase(N_("Plug in the power adapter and let it charge to {least} %."), least=least)
    return within(phrase(N_("{count} %"), count=int(charge)), above(charge, least), remedy)


def _idle(key: str) -> Judge:
    def judge(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
        minutes = 0.0 if facts.is_null("sleep", key) else facts.number("sleep", key, low=0, high=_MINUTES)
        if minutes == 0:
            return Judged(Outcome.PASS, phrase(N_("never")))
        remedy = phrase(N_("Switch it off: Settings, Power, Sleep and hibernation: never."))
        measured = phrase(N_("after {count} min"), count=max(1, int(minutes)))
        return Judged(Outcome.FAIL, measured, None, remedy)

    check = Check.SLEEP if key == "suspend_minutes" else Check.HIBERNATION
    return Judge(check, lambda w: when(w.forbid_sleep, phrase(N_("never"))), judge)


def _updates(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    restart, active = facts.flag("updates", "pending_reboot"), facts.flag("updates", "service_active")
    if restart:
        remedy = phrase(
            N_("Restart the computer now and let it finish: otherwise it may restart during the exam.")
        )
        return Judged(Outcome.FAIL, phrase(N_("waits for a restart")), None, remedy)
    if active:
        remedy = phrase(N_("Let the update end, or pause updates until the exam is over; then check again."))
        return Judged(Outcome.WARN, phrase(N_("an update is under way")), None, remedy)
    return Judged(Outcome.PASS, phrase(N_("nothing is waiting")))


def _program(name: str) -> str:
    return name.strip().casefold().removesuffix(".exe")


def _processes(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    """One unwanted that is seen is enough; that none is there takes a list that is right throughout."""
    unwanted = {_program(name): name for name in wanted.forbid_processes}
    running, senseless = set(), False
    for item in facts.items("processes", most=_PROCESSES):
        try:
            running.add(_program(item.text("name")))
        except NotKnown:
            senseless = True
    found = tuple(shown for name, shown in unwanted.items() if name in running)
    if found:
        remedy = phrase(N_("Close at that computer: {names}."), names=listed(found))
        return Judged(Outcome.FAIL, phrase(N_("running: {names}"), names=listed(found)), None, remedy)
    if senseless or not running:  # some process runs on every computer
        raise NotKnown(SENSELESS)
    return Judged(Outcome.PASS, phrase(N_("none is running")))


def _remote(facts: Facts, _wanted: Requirements, _seen: Seen) -> Judged:
    found = tuple(clean(name, 40) for name in facts.names("remote_control", most=1000))
    if not found:
        return Judged(Outcome.PASS, phrase(N_("none is running")))
    names = listed(found, most=3)
    remedy = phrase(
        N_(
            "Somebody could see or steer this computer. Close and switch off until the exam is over: {names}."
        ),
        names=names,
    )
    return Judged(Outcome.FAIL, phrase(N_("running: {names}"), names=names), None, remedy)


def _network(facts: Facts, wanted: Requirements, seen: Seen) -> Judged:
    most = wanted.max_network_ms or 0.0
    took = Facts(seen.network_ms) if seen.network_ms is not None else None
    if took is not None:
        ms = took.number(low=0, high=600_000)
    else:
        ms = facts.number("network", "controller_ms", low=0, high=600_000)
    remedy = phrase(
        N_("The network is slow: check the cable, plug it in instead of Wi-Fi, stop downloads in the room.")
    )
    measured = phrase(N_("{count} ms"), count=round(ms)) if ms >= 1 else phrase(N_("under 1 ms"))
    return within(measured, below(ms, most), remedy)


def _sessions(wanted: Requirements) -> Phrase | None:
    if not wanted.exam_session:
        return None
    if wanted.exam_user:
        return phrase(N_("{user} is logged in"), user=wanted.exam_user)
    return phrase(N_("somebody is logged in"))


def _session(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    """Names of accounts are compared, never repeated: a school may name them after pupils."""
    log_in = phrase(N_("Log in at that computer's screen under the exam account and leave it unlocked."))
    if facts.is_null("session", "user"):
        return Judged(Outcome.FAIL, phrase(N_("nobody is logged in")), None, log_in)
    user = facts.text("session", "user").rpartition("\\")[2].casefold()
    graphical, active = facts.flag("session", "graphical"), facts.flag("session", "active")
    if wanted.exam_user and user != wanted.exam_user.casefold():
        remedy = phrase(N_("Log out there and log in as {user}."), user=wanted.exam_user)
        return Judged(Outcome.FAIL, phrase(N_("another account is logged in")), None, remedy)
    if not graphical:
        return Judged(Outcome.FAIL, phrase(N_("not logged in at the screen")), None, log_in)
    if not active:
        return Judged(Outcome.FAIL, phrase(N_("locked, or another account is in front")), None, log_in)
    return Judged(Outcome.PASS, phrase(N_("logged in")))


def _clock_limit(wanted: Requirements) -> Phrase | None:
    most = wanted.max_clock_offset_s
    return None if most is None else phrase(N_("wrong by at most {seconds} s"), seconds=f"{most:g}")


JUDGES = (
    Judge(Check.CLOCK, _clock_limit, _clock),
    Judge(
        Check.TIME_ZONE,
        lambda w: None if w.utc_offset_minutes is None else zone(w.utc_offset_minutes),
        _zone,
    ),
    Judge(Check.POWER, lambda w: when(w.ac_power, phrase(N_("mains"))), _power),
    Judge(
        Check.BATTERY,
        lambda w: (
            None
            if w.min_battery_percent is None
            else phrase(N_("at least {count} %"), count=w.min_battery_percent)
        ),
        _battery,
    ),
    _idle("suspend_minutes"),
    _idle("hibernate_minutes"),
    Judge(Check.UPDATES, lambda w: when(w.forbid_updates, phrase(N_("nothing is waiting"))), _updates),
    Judge(
        Check.PROCESSES,
        lambda w: when(bool(w.forbid_processes), phrase(N_("none is running"))),
        _processes,
    ),
    Judge(
        Check.REMOTE_CONTROL,
        lambda w: when(w.forbid_remote_control, phrase(N_("none is running"))),
        _remote,
    ),
    Judge(
        Check.NETWORK,
        lambda w: (
            None
            if w.max_network_ms is None
            else phrase(N_("at most {count} ms"), count=int(w.max_network_ms))
        ),
        _network,
    ),
    Judge(Check.SESSION, _sessions, _session),
)
