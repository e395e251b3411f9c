"""What is said of measures: made up here one by one, so that each rule is tested alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcheck.finding import Check, Finding
from labcheck.headset.acoustics import CENTRES_HZ, Ear, Measures
from labcheck.headset.causes import Cause
from labcheck.headset.judge import CHECKS, PRECEDENCE, judge, primary
from labcheck.headset.limits import Calibration, Limits, calibrate
from labcheck.headset.matrix import Row
from labcheck.headset.words import REMEDIES
from labcheck.outcome import Outcome, worst

NAN = float("nan")
SHAPE = tuple(3.0 * (-1) ** number for number in range(len(CENTRES_HZ)))


def ear(gain: float, **other: Any) -> Ear:
    levels = tuple(gain + more for more in SHAPE)
    floor = tuple(gain - 40 for _each in SHAPE)
    found = Ear(True, gain, 80.0, 40.0, 16.0, gain - 24, response_db=levels, floor_db=floor)
    found = replace(found, over_noise_db=(20.0,) * len(levels))
    return replace(found, **other)


GOOD = Measures(
    seat=0,
    rate=48_000,
    seconds=9.3,
    left=ear(-42.0),
    right=ear(-46.0, latency_ms=80.3),
    similarity=0.7,
    same_gain_db=4.0,
    low_sign=0.9,
    start=30_000.0,
    drift_ppm=20.0,
    rate_ratio=1.0,
    digital_silence=0.0,
    peak_dbfs=-30.0,
    rms_dbfs=-55.0,
    noise_dbfs=-60.0,
    hum_dbfs=-80.0,
    hum_over_noise_db=-20.0,
    dc=0.001,
    clipped=0,
    flat=0.0,
    tone_dbfs=-55.0,
    tone_over_noise_db=5.0,
    thd_db=-40.0,
    thd_floor_db=-40.0,
    gaps=0,
    gap_ms=0.0,
    repeats=0,
    jump_ms=0.3,
    lost_ms=1.0,
    ends_early_s=0.0,
    still_s=0.0,
    first_dbfs=-65.0,
    track_error=0.05,
    spread=0.8,
    onset_db=0.1,
    onset_error_db=0.1,
    sinks_db=0.1,
    still_noise_dbfs=-65.0,
    played_noise_dbfs=-64.5,
    one_ear=(0.1, 0.02),
    late=(0.01, 0.001),
    bent=(0.005, 0.05),
    held=0,
    copies=0,
    breaks=0,
    breathing_db=0.1,
    breathing_error_db=0.1,
    tone_ends=(0.3, 0.8),
    ears_change=(-0.2, 1.0),
    noise_step_db=0.0,
)
ROW = Row(0, (-42.0, -60.0, NAN), (20.0, 5.0, NAN), -75.0)
CALIBRATION = Calibration("model", -42.0, -46.0, 0.9, -60.0)


def verdict(found: tuple[Finding, ...]) -> Outcome:
    return worst(finding.outcome for finding in found)


def test_a_good_headset_is_good_in_everything() -> None:
    found = judge(GOOD, Limits(), ROW, CALIBRATION)
    assert [finding.check for finding in found] == list(CHECKS)
    assert all(finding.outcome is Outcome.PASS and finding.cause is None for finding in found)
    assert primary(found) is None
    assert all(str(finding.measured) and 0 <= (finding.confidence or -1) <= 1 for finding in found)


DEAD = Ear(False, peak_db=11.0, threshold_db=16.0, least_db=-72.0)
BAD: dict[Cause, dict[str, Any]] = {
    Cause.SILENT: {"rms_dbfs": -150.0, "digital_silence": 1.0},
    Cause.DEVICE_CHANGED: {"still_s": 2.0},
    Cause.WRONG_RATE: {"rate_ratio": 1.0884},
    Cause.NOTHING_HEARD: {"left": DEAD, "right": DEAD},
    Cause.DEAD_LEFT: {"left": DEAD},
    Cause.DEAD_RIGHT: {"right": DEAD},
    Cause.CLIPPING: {"clipped": 500},
    Cause.DROPOUTS: {"gaps": 1},
    Cause.SUPPRESSION: {"sinks_db": 6.0, "noise_dbfs": -80.0},
    Cause.GAIN_CONTROL: {"spread": 5.0},
    Cause.MONO: {"one_ear": (1.0, 0.01), "same_gain_db": 0.0, "right": ear(-42.0)},
    Cause.DRIFT: {"drift_ppm": -900.0},
    Cause.DISTORTION: {"thd_db": -15.0},
    Cause.TOO_LOUD: {"left": ear(-15.0), "right": ear(-19.0, latency_ms=80.3)},
    Cause.TOO_QUIET: {"left": ear(-80.0), "right": ear(-84.0, latency_ms=80.3)},
    Cause.SWAPPED: {"same_gain_db": -4.0},
    Cause.POLARITY: {"low_sign": -0.9},
    Cause.NOISE: {"noise_dbfs": -35.0},
    Cause.HUM: {"hum_dbfs": -40.0},
    Cause.DC_OFFSET: {"dc": -0.1},
}


@pytest.mark.parametrize("cause", BAD, ids=str)
def test_each_fault_has_its_name_and_a_remedy(cause: Cause) -> None:
    found = judge(replace(GOOD, **BAD[cause]), Limits(), ROW, CALIBRATION)
    assert primary(found) is cause
    (told,) = [finding for finding in found if finding.cause is cause]
    assert told.outcome is Outcome.FAIL
    assert str(told.remedy)


def test_a_wire_is_too_good_to_be_true() -> None:
    flat = replace(ear(-5.0), response_db=(-5.0,) * len(CENTRES_HZ))
    found = judge(replace(GOOD, left=flat, right=flat, same_gain_db=0.0, late=(0.0014, 0.0001)), Limits())
    assert primary(found) is Cause.LOOPBACK


def test_a_flat_cup_in_a_room_is_no_wire() -> None:
    """A wire's answer is 0.0014 by the measure itself."""
    flat = replace(ear(-39.0), response_db=(-39.0,) * len(CENTRES_HZ))
    cup = replace(GOOD, left=flat, right=replace(flat, gain_db=-42.0))
    assert primary(judge(replace(cup, late=(0.0014, 0.0001)), Limits())) is Cause.LOOPBACK
    assert primary(judge(replace(cup, late=(0.0068, 0.0004)), Limits())) is None
    # Where noise hides the room's answer, it may be a wire.
    assert primary(judge(replace(cup, late=(0.0068, 0.003)), Limits())) is Cause.LOOPBACK


def test_a_quiet_wire_is_told_by_its_silence() -> None:
    flat = replace(ear(-50.0), response_db=(-50.0,) * len(CENTRES_HZ))
    assert primary(judge(replace(GOOD, left=flat, right=flat), Limits())) is None
    wired = replace(GOOD, left=flat, right=flat, still_s=1.0, first_dbfs=-109.0)
    assert primary(judge(wired, Limits())) is Cause.LOOPBACK
    lost = replace(wired, gap_ms=300.0)
    begun = replace(flat, track_db=(0.0,) * 8)
    assert primary(judge(lost, Limits())) is Cause.DEVICE_CHANGED
    assert primary(judge(replace(lost, left=begun), Limits())) is Cause.LOOPBACK
    # The noise of a microphone comes first: it was another device then.
    assert primary(judge(replace(wired, first_dbfs=-65.0), Limits())) is Cause.DEVICE_CHANGED


def test_a_tone_that_is_cut_off_is_another_device() -> None:
    found = judge(replace(GOOD, last_tone=(0.02, 0.02)), Limits())
    assert primary(found) is Cause.DEVICE_CHANGED
    assert primary(judge(replace(GOOD, last_tone=(0.9, 0.02)), Limits())) is None
    # An ear of which nothing is known but that it is there says nothing of how loud its tone must be.
    faint = judge(replace(GOOD, last_tone=(0.02, 0.02), late=(-0.4, 0.8)), Limits())
    assert Cause.DEVICE_CHANGED not in {finding.cause for finding in faint}
    unknown = replace(GOOD, last_tone=(0.02, 0.02), right=ear(-46.0, latency_ms=80.3, gain_db=NAN))
    assert Cause.DEVICE_CHANGED not in {finding.cause for finding in judge(unknown, Limits())}


def test_a_tone_that_came_earlier_for_lost_frames_is_no_other_device() -> None:
    found = judge(replace(GOOD, last_tone=(0.02, 0.02), lost_ms=172.0), Limits())
    assert primary(found) is Cause.DROPOUTS


def test_a_neighbour_as_loud_as_they_all_are_is_not_loud_where_ones_own_is_faint() -> None:
    faint = replace(GOOD, left=ear(-68.0), right=ear(-72.0, latency_ms=80.3))
    row = Row(0, (-68.0, -66.0, NAN), (20.0, 10.0, NAN), -80.0)
    assert primary(judge(faint, Limits(), replace(row, usual_db=-66.0))) is Cause.LOUD_NEIGHBOUR
    hardly = replace(row, usual_db=-66.0, over_db=(20.0, 1.0, NAN))
    assert primary(judge(faint, Limits(), hardly)) is Cause.NOT_MEASURABLE
    assert primary(judge(faint, Limits(), replace(row, usual_db=-54.0))) is Cause.NOT_MEASURABLE


def test_lost_frames_are_told_from_echoes_by_their_order() -> None:
    far: dict[str, Any] = {"late": (0.4, 0.01), "jump_ms": 20.0}
    parts = (20.0, 20.0, 0.0, 0.0, 0.0, -20.0, -20.0, -20.0)
    echoes = (0.0, -20.0, 0.0, 5.0, -16.0, 0.0, -20.0, 0.0)
    lost = replace(GOOD, left=ear(-42.0, delays_ms=parts), **far)
    assert primary(judge(lost, Limits())) is Cause.DROPOUTS
    echoing = replace(GOOD, left=ear(-42.0, delays_ms=echoes), **far)
    assert primary(judge(echoing, Limits())) is Cause.WRONG_DEVICE


def test_knocks_that_clip_a_boosted_microphone_are_its_volume() -> None:
    boosted: dict[str, Any] = {"left": ear(-18.0), "right": ear(-22.0, latency_ms=80.3)}
    assert primary(judge(replace(GOOD, **boosted, clipped=40), Limits())) is Cause.TOO_LOUD
    assert primary(judge(replace(GOOD, **boosted, clipped=4000), Limits())) is Cause.CLIPPING


def test_a_tone_that_a_voice_covers_is_no_hindrance_where_the_probes_are_clear() -> None:
    covered = replace(GOOD, track_error=0.5, left=ear(-42.0, track_error=0.02))
    assert primary(judge(covered, Limits())) is None
    for worse in (replace(covered, track_error=0.7), replace(covered, tone_over_noise_db=NAN)):
        assert primary(judge(worse, Limits())) is Cause.NOT_MEASURABLE  # much of it may be away
    hidden = replace(covered, left=ear(-42.0, track_error=0.09))
    assert primary(judge(hidden, Limits())) is Cause.NOT_MEASURABLE


def test_probes_that_are_straight_answer_for_a_tone_in_noise() -> None:
    noisy: dict[str, Any] = {"thd_db": -20.0, "thd_floor_db": -22.0}
    assert primary(judge(replace(GOOD, **noisy, bent=(0.01, 0.005)), Limits())) is None
    assert primary(judge(replace(GOOD, **noisy, bent=(0.01, 0.05)), Limits())) is Cause.NOT_MEASURABLE
    assert primary(judge(replace(GOOD, thd_db=-20.0, bent=(0.01, 0.05)), Limits())) is Cause.DISTORTION


def test_a_telephone_is_narrow() -> None:
    cut = tuple(
        level - (40 if hertz > 4000 else 0)
        for hertz, level in zip(CENTRES_HZ, ear(-42).response_db, strict=True)
    )
    found = judge(
        replace(GOOD, left=ear(-42, response_db=cut), right=ear(-46, response_db=cut, latency_ms=80.3)),
        Limits(),
    )
    assert primary(found) is Cause.NARROW


@pytest.mark.parametrize(
    ("levels", "cause"),
    [
        ((-42.0, -40.0, NAN, NAN, NAN, NAN, NAN, NAN, NAN), Cause.LOUD_NEIGHBOUR),
        ((-58.0, -42.0, NAN, NAN, NAN, NAN, NAN, NAN, NAN), Cause.OTHER_SEATS_PLUG),
        ((-62.0, -64.0, -60.0, -65.0, -62.0, -66.0, -63.0, NAN, NAN), Cause.WRONG_DEVICE),
    ],
)
def test_what_others_sound_like(levels: tuple[float, ...], cause: Cause) -> None:
    row = Row(0, levels, tuple(NAN if math.isnan(level) else 10.0 for level in levels), -75.0)
    assert primary(judge(GOOD, Limits(), row)) is cause


def test_another_plug_where_ones_own_is_not_heard() -> None:
    row = Row(0, (NAN, -45.0), (NAN, 20.0), -75.0, usual_db=-44.0)
    found = judge(replace(GOOD, left=DEAD, right=DEAD), Limits(), row)
    assert primary(found) is Cause.OTHER_SEATS_PLUG


UNKNOWN = [
    "noise_dbfs",
    "thd_db",
    "thd_floor_db",
    "track_error",
    "tone_dbfs",
    "low_sign",
    "drift_ppm",
    "dc",
]


@pytest.mark.parametrize("noise_db", [-80.0, -50.0])
def test_suppression_is_told_from_gain_control_by_the_noise_beside_tones(noise_db: float) -> None:
    """However far the microphone is boosted, and its noise with it."""
    sinking: dict[str, Any] = {"sinks_db": 5.0, "onset_db": 9.0, "spread": 9.0, "noise_dbfs": noise_db}
    assert primary(judge(replace(GOOD, **sinking), Limits())) is Cause.SUPPRESSION
    if noise_db > Limits().suppressed_noise_dbfs:
        for breathing in ((-4.0, 0.2), (0.0, 0.5), (NAN, NAN)):
            turned: dict[str, Any] = dict(zip(("breathing_db", "breathing_error_db"), breathing, strict=True))
            assert primary(judge(replace(GOOD, **sinking, **turned), Limits())) is Cause.GAIN_CONTROL


@pytest.mark.parametrize(
    ("above", "cause"), [(-0.5, Cause.TOO_QUIET), (0.5, Cause.NOT_MEASURABLE), (3.0, None)]
)
def test_as_faint_as_no_healthy_one_was_seen_never_passes(above: float, cause: Cause | None) -> None:
    """All is turned down alike: by a volume, or by a suppression that never lets go."""
    gain = Limits().least_gain_db + above
    faint = replace(GOOD, left=ear(gain), right=ear(gain - 2, latency_ms=80.3))
    assert primary(judge(faint, Limits())) is cause


def test_a_tone_that_something_broke_never_passes() -> None:
    assert primary(judge(replace(GOOD, breaks=None), Limits())) is Cause.NOT_MEASURABLE
    assert primary(judge(replace(GOOD, breaks=1), Limits())) is Cause.DROPOUTS


def test_gain_that_breathes_is_no_suppression_however_long_it_dips() -> None:
    dips: dict[str, Any] = {"gaps": 1, "gap_ms": 295.0, "last_tone": (0.9, 0.01), "noise_dbfs": -70.0}
    assert primary(judge(replace(GOOD, **dips), Limits())) is Cause.SUPPRESSION
    turned = replace(GOOD, **dips, spread=9.0, breathing_db=-8.0)
    assert primary(judge(turned, Limits())) is Cause.GAIN_CONTROL


def test_a_tone_that_is_taken_away_breaks_too() -> None:
    sinking: dict[str, Any] = {"sinks_db": 20.0, "onset_db": 20.0, "spread": 20.0, "noise_dbfs": -80.0}
    assert primary(judge(replace(GOOD, **sinking, breaks=1), Limits())) is Cause.SUPPRESSION


def test_hum_is_not_taken_for_what_it_makes_of_a_probes_begin() -> None:
    loud: dict[str, Any] = {"noise_dbfs": -37.0, "hum_dbfs": -37.0, "still_noise_dbfs": -46.0}
    found = judge(replace(GOOD, **loud, onset_db=6.0, onset_error_db=1.4), Limits())
    assert Cause.SUPPRESSION not in {finding.cause for finding in found}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_was_not_measured_never_passes(name: str) -> None:
    nothing: dict[str, Any] = {name: NAN}
    found = judge(replace(GOOD, **nothing), Limits(), ROW)
    assert verdict(found) is Outcome.NOT_CHECKED
    assert primary(found) is Cause.NOT_MEASURABLE


def test_ears_that_cannot_be_told_apart_never_pass() -> None:
    for one_ear in ((NAN, NAN), (0.8, 0.3), (0.5, 0.2)):
        found = judge(replace(GOOD, one_ear=one_ear), Limits(), ROW)
        assert primary(found) is Cause.NOT_MEASURABLE


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_ear_that_is_heard_and_nobody_knows_how_loud_never_passes(side: str) -> None:
    """All else may be as it should."""
    one: dict[str, Any] = {side: replace(getattr(GOOD, side), gain_db=NAN)}
    found = judge(replace(GOOD, **one), Limits())
    (ears,) = [finding for finding in found if finding.check is Check.EARS]
    assert ears.outcome is Outcome.NOT_CHECKED


def test_an_ear_in_too_much_noise_is_not_called_dead() -> None:
    loud = Ear(False, peak_db=11.0, threshold_db=16.0, least_db=-50.0)
    found = judge(replace(GOOD, left=loud, right=loud), Limits())
    assert verdict(found) is Outcome.NOT_CHECKED


def test_without_other_seats_no_neighbour_is_judged() -> None:
    assert Check.NEIGHBOURS not in {finding.check for finding in judge(GOOD, Limits())}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_was_measured_makes_it_fall(data: st.DataObject) -> None:
    """Whatever numbers come, nan and infinities with them, there is a finding for each check."""
    numbers = st.floats(allow_nan=True, allow_infinity=True)
    names = [
        name for name in Measures.__slots__ if isinstance(getattr(GOOD, name), float) and name != "seconds"
    ]
    changed: dict[str, Any] = {
        name: data.draw(numbers) for name in data.draw(st.sets(st.sampled_from(names), max_size=4))
    }
    found = judge(replace(GOOD, **changed), Limits(), ROW, CALIBRATION)
    assert [finding.check for finding in found] == list(CHECKS)
    for finding in found:
        assert str(finding.measured)
        assert str(finding.limit) is not None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BAD)), st.sampled_from(sorted(BAD)))
def test_two_faults_never_make_a_good_headset(one: Cause, two: Cause) -> None:
    assert (
        verdict(judge(replace(GOOD, **{**BAD[one], **BAD[two]}), Limits(), ROW, CALIBRATION))
        is not Outcome.PASS
    )


def test_every_cause_has_its_place_and_its_words() -> None:
    assert set(PRECEDENCE) == set(Cause)
    assert set(REMEDIES) == set(Cause)


def test_a_calibration_is_the_median_of_good_runs() -> None:
    one = calibrate(
        "m", [GOOD, replace(GOOD, left=ear(-44.0)), replace(GOOD, left=ear(-43.0)), replace(GOOD, left=DEAD)]
    )
    assert (one.left_db, one.right_db, one.difference_db) == (-43.0, -46.0, 3.0)
    with pytest.raises(ValueError, match="no run"):
        calibrate("m", [replace(GOOD, left=DEAD)])


LATE = [
    ({"tone_ends": (12.0, 0.8)}, Cause.NOT_MEASURABLE),  # voices, as loud as the tone, might have made it
    ({"tone_ends": (12.0, 0.8), "tone_over_noise_db": 12.0}, Cause.DROPOUTS),
    ({"tone_ends": (-9.0, 0.8), "tone_over_noise_db": 12.0}, Cause.DROPOUTS),
    ({"tone_ends": (25.0, 20.0)}, None),  # a knock: then the change of ears tells
    ({"tone_ends": (25.0, 20.0), "ears_change": (12.0, 1.0)}, Cause.NOT_MEASURABLE),
    ({"tone_ends": (NAN, NAN), "ears_change": (NAN, NAN)}, Cause.NOT_MEASURABLE),
    ({"tone_ends": (48.0, 11.0)}, Cause.NOT_MEASURABLE),  # no knock is so sure
    ({"tone_ends": (8.5, 1.5), "ears_change": (8.0, 1.0)}, Cause.NOT_MEASURABLE),  # no voice is there twice
    ({"tone_ends": (8.5, 1.5), "ears_change": (1.0, 1.0)}, None),
]


@pytest.mark.parametrize(("found", "cause"), LATE)
def test_a_tone_that_ends_at_another_moment_never_passes(found: dict[str, Any], cause: Cause | None) -> None:
    assert primary(judge(replace(GOOD, **found), Limits())) is cause


def test_what_may_be_turned_down_from_the_first_moment_on_never_passes() -> None:
    """It learns for a moment what it takes away then: noise, and the probes in it."""
    low = replace(GOOD, left=ear(-63.0), right=ear(-66.0, latency_ms=80.3))
    assert primary(judge(replace(low, noise_dbfs=-72.0, first_dbfs=-64.0), Limits())) is Cause.NOT_MEASURABLE
    assert primary(judge(replace(low, noise_dbfs=-72.0, first_dbfs=-70.0), Limits())) is None
    assert primary(judge(replace(GOOD, noise_dbfs=-72.0, first_dbfs=-64.0), Limits())) is None


def test_noise_that_is_another_microphone_s_never_passes() -> None:
    for step in (10.6, -10.6, NAN):
        assert primary(judge(replace(GOOD, noise_step_db=step), Limits())) is Cause.NOT_MEASURABLE
    assert primary(judge(replace(GOOD, noise_step_db=3.0), Limits())) is None
    starting = replace(GOOD, noise_step_db=40.0, first_dbfs=-100.0)
    assert primary(judge(starting, Limits())) is None


def test_polarity_is_not_told_where_low_sounds_are_hidden() -> None:
    hidden = ear(-46.0, latency_ms=80.3, over_noise_db=(NAN, -8.0, 1.0, *(NAN,) * 6, 2.0, *(20.0,) * 10))
    for sign in (-1.0, 1.0):
        found = judge(replace(GOOD, right=hidden, low_sign=sign), Limits())
        assert primary(found) is Cause.NOT_MEASURABLE
