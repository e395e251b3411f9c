"""What may be wrong between the keys of the profile's lab section."""

from __future__ import annotations

from collections.abc import Iterator

from provision.errors import N_, Problem
from provision.site.draft import Draft, problem
from provision.site.labrules import LabRules, SoftwareRule
from provision.site.nodes import Node


def lab_mistakes(draft: Draft) -> Iterator[Problem]:
    """Levels from low to high; software that some system can install, and whose files are there."""
    node = draft.root.child("profile")
    lab = node.child("lab") if node is not None else None
    if draft.profile is None or lab is None or "lab" in draft.profile.dropped:
        return
    rules = draft.profile.item.lab
    for key, value in (("microphone_level", rules.microphone_level), ("volume", rules.volume)):
        low, high = map(int, value.split("-"))
        if low > high:
            what = N_("'{key}' goes from high to low: {value}")
            cure = N_("Write the lower level first: {right}")
            yield problem(draft, lab.line_of(key), what, cure, key=key, value=value, right=f"{high}-{low}")
    yield from _calibrations(draft, rules, lab)
    if rules.software is not None and (software := lab.child("software")) is not None:
        yield from _software(draft, rules.software, software)


def _calibrations(draft: Draft, rules: LabRules, lab: Node) -> Iterator[Problem]:
    """Each model once, and measured at the levels that are used: at others it would be louder or quieter."""
    if len(rules.headset_calibrations) != len(lab.items("headset_calibrations")):
        return  # some are not understood at all, and positions would lead to wrong lines
    levels = (rules.test_microphone_level, rules.test_volume)
    seen: set[str] = set()
    for position, one in enumerate(rules.headset_calibrations):
        line, model = lab.line_of("headset_calibrations", position), one.model.lower()
        if model in seen:
            what = N_("the headset '{model}' is calibrated twice")
            yield problem(draft, line, what, N_("Remove the older one"), model=model)
        elif (one.test_microphone_level, one.test_volume) != levels:
            what = N_("the headset '{model}' was calibrated at other levels than the profile's")
            cure = N_(
                "Set test_microphone_level: {level} and test_volume: {volume} again, or remove this line and "
                "run 'labcheck calibrate'"
            )
            levels_then = {"level": one.test_microphone_level, "volume": one.test_volume}
            yield problem(draft, line, what, cure, model=model, **levels_then)
        seen.add(model)


def _software(draft: Draft, rule: SoftwareRule, node: Node) -> Iterator[Problem]:
    if node.child("windows") is None and node.child("linux") is None:
        what = N_("the software '{name}' does not say how it is installed")
        yield problem(draft, node.line, what, N_("Add 'windows:' or 'linux:' below it"), name=rule.name)
    if (rule.public_key is None) != (rule.signature is None):
        what = N_("'public_key' and 'signature' belong together")
        yield problem(draft, node.line, what, N_("Add the other one, or remove both"))
    if len(rule.files) != len(node.items("files")):
        return  # some are not understood at all, and positions would lead to wrong lines
    seen: set[str] = set()
    for position, file in enumerate(rule.files):
        name, line = str(file.path), node.line_of("files", position)
        if name in seen:
            yield problem(
                draft,
                line,
                N_("the file '{name}' is named twice"),
                N_("Correct one of the two, or remove it"),
                name=name,
            )
        elif not (draft.file.parent / rule.folder / file.path).is_file():
            what = N_("there is no file '{name}' of the exam program")
            cure = N_("Put the file into the folder '{folder}' of the site, or correct its name")
            yield problem(draft, line, what, cure, name=name, folder=str(rule.folder))
        seen.add(name)
