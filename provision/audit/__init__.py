"""Finds what leaks on this computer and says the cure. Reads only. See docs/audit.md.

    report = whole.audit(machine, subject)

``copies`` recognises this school's materials by content, ``trails`` follows what points at them; the rest
looks at settings. A check that could not be made whole is NOT_CHECKED, never OK.
"""
