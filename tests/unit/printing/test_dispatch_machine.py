"""Dispatch against a queue that loses, repeats, lies and goes away, and a process that dies at any instant.

Whatever happens in whatever order: nothing is sent twice unless it surely left nothing on paper, or a person
said so; nothing is called delivered that the queue did not claim; and nothing stays open for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from printing.dispatch import Dispatcher, Progress, Work
from printing.errors import QueueError, QueueUnreachable
from printing.journal import Attempt, Delivery
from printing.queues.base import PrintOptions
from tests.services.paper import writer
from tests.unit.printing.fakes import Crash, MemoryJournal
from tests.unit.printing.hostile import Fate, HostileQueue

WORKS = 4


class _Journal(MemoryJournal):
    """Remembers what was written of which attempt, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[str, str, Delivery]] = []
        self.work_of: dict[str, str] = {}

    def intend(self, attempt: Attempt) -> None:
        self.work_of[attempt.id] = attempt.work
        self.steps.append((attempt.work, attempt.id, Delivery.SUBMITTING))
        super().intend(attempt)

    def advance(
        self, attempt_id: str, state: Delivery, *, reference: str = "", reasons: Sequence[str] = ()
    ) -> None:
        self.steps.append((self.work_of[attempt_id], attempt_id, state))
        super().advance(attempt_id, state, reference=reference, reasons=reasons)


class Morning(RuleBasedStateMachine):
    """One printer's work on a bad day."""

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.journal = HostileQueue(), _Journal()
        self.works = [
            Work(f"exam/204/{n}", f"{n}.pdf", 1, (f"{n}",), PrintOptions(), writer([f"kit {n}"]))
            for n in range(WORKS)
        ]
        self.clock = 0.0
        self.away_until = 0.0
        self.queue.on_report = self._reachable

    def _reachable(self) -> None:
        if self.clock < self.away_until:
            raise QueueUnreachable("away")

    def _wait(self, seconds: float) -> None:
        self.clock += seconds
        assert self.clock < 1e6, "it waits for ever"

    def _deliver(self) -> bool:
        """Run our process once; False when it died or gave up."""
        dispatcher = Dispatcher(self.queue, self.journal, wait=self._wait, now=lambda: self.clock)
        try:
            dispatcher.deliver(self.works, _heard)
        except (Crash, QueueError):
            return False
        finally:
            self.journal.crash_after = None
        return True

    @rule(
        fates=st.lists(st.sampled_from(Fate), max_size=6),
        dies_after=st.none() | st.integers(0, 12),
        away=st.sampled_from([0.0, 0.0, 5.0, 500.0]),
    )
    def run(self, fates: list[Fate], dies_after: int | None, away: float) -> None:
        """The person runs the command while this and that goes wrong."""
        self.queue.fates.extend(fates)
        if dies_after is not None:
            self.journal.crash_after = len(self.journal.events) + dies_after
        self.away_until = self.clock + away
        self._deliver()
        self.away_until = 0.0

    @rule()
    def look_into_the_tray(self) -> None:
        """The person settles, truly, whatever is unknown."""
        for entry in self.journal.latest().values():
            if entry.state is Delivery.UNKNOWN:
                printed = entry.attempt.id in self.queue.papers
                said = Delivery.PRINTED_SAYS_PERSON if printed else Delivery.NOT_PRINTED_SAYS_PERSON
                self.journal.advance(entry.attempt.id, said)

    @precondition(lambda self: self.queue.forgotten)
    @rule()
    def comes_out_late(self) -> None:
        """What the server forgot comes out of the printer."""
        self.queue.print_late()

    @invariant()
    def sends_again_only_what_surely_left_nothing(self) -> None:
        last: dict[str, Delivery] = {}
        for work, _attempt, state in self.journal.steps:
            if state is Delivery.SUBMITTING and work in last:
                assert last[work].may_send, f"{work} was sent again after '{last[work]}'"
            last[work] = state

    @invariant()
    def believes_nobody_but_the_queue(self) -> None:
        for _work, attempt, state in self.journal.steps:
            assert state is not Delivery.STORED
            assert state is not Delivery.CLAIMED or attempt in self.queue.claimed

    @invariant()
    def calls_failed_only_what_left_no_paper(self) -> None:
        failed = {attempt for _work, attempt, state in self.journal.steps if state is Delivery.FAILED}
        assert failed.isdisjoint(self.queue.papers)

    @invariant()
    def intends_before_it_sends(self) -> None:
        assert all(job.name in self.journal.work_of for job in self.queue.submitted)

    def teardown(self) -> None:
        """However it was: when nothing goes wrong any more, a few rounds of the person's steps end it all."""
        self.queue.fates.clear()
        self.queue.check_fails = None
        for _round in range(3):
            assert self._deliver()
            states = {entry.state for entry in self.journal.latest().values()}
            ended = {Delivery.UNKNOWN, Delivery.FAILED}  # what failed is for the next run to send
            assert all(state.delivered or state in ended for state in states), states
            self.look_into_the_tray()
        assert self._deliver()
        final = self.journal.latest()
        assert final.keys() == {work.key for work in self.works}
        assert all(entry.state.delivered for entry in final.values())
        self.sends_again_only_what_surely_left_nothing()
        self.calls_failed_only_what_left_no_paper()
        self._papers_are_right()

    def _papers_are_right(self) -> None:
        """One paper of each, save where the queue lied, printed twice, or printed after the person looked."""
        came_late = {
            self.journal.work_of[attempt]
            for _work, attempt, state in self.journal.steps
            if state is Delivery.NOT_PRINTED_SAYS_PERSON and attempt in self.queue.papers
        }
        papers = Counter(self.journal.work_of[name] for name in self.queue.papers)
        for entry in self.journal.latest().values():
            work, fate = entry.attempt.work, self.queue.fate(entry.attempt.id)
            if work not in came_late:
                assert papers[work] == {Fate.LIES: 0, Fate.TWICE: 2}.get(fate, 1)


def _heard(_progress: Progress) -> None:
    pass


TestMorning = Morning.TestCase
TestMorning.settings = settings(max_examples=120, stateful_step_count=8, deadline=None)
