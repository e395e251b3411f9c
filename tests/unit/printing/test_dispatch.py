"""Dispatch: each piece of work once, whatever happens. tests/contract keeps the fake queue honest."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

import pytest

from printing.dispatch import PATIENCE, Dispatcher, Progress, Work
from printing.errors import OptionRefused, QueueClosed, QueueUnreachable, SubmitUncertain
from printing.feed import Listed
from printing.journal import HELD, Attempt, Delivery
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions
from tests.services.paper import pdf, writer
from tests.unit.printing.fakes import END, Crash, FakeQueue, MemoryJournal


def work(number: int, write: Callable[[BinaryIO], None] | None = None) -> Work:
    name = f"kit {number}"
    return Work(f"exam/204/{number}", f"{number}.pdf", 1, (name,), PrintOptions(), write or writer([name]))


class Bench:
    """A dispatcher over fakes, its clock under the test's hand, and what it said."""

    def __init__(self, *, in_flight: int = 3, loses_nothing: bool = False) -> None:
        self.queue = FakeQueue(loses_nothing=loses_nothing)
        self.journal = MemoryJournal()
        self.said: list[Progress] = []
        self.clock = 0.0
        self.at_wait: Callable[[], None] = lambda: None
        self.in_flight = in_flight

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        assert self.clock < 10_000, "it waits for ever"
        self.at_wait()

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.queue, self.journal, in_flight=self.in_flight, wait=self.wait, now=lambda: self.clock
        )

    def deliver(self, *works: Work) -> None:
        self.dispatcher().deliver(works, self.said.append)

    def states(self) -> dict[str, Delivery]:
        return {key: entry.state for key, entry in self.journal.latest().items()}

    def told(self, number: int) -> list[tuple[Delivery, tuple[str, ...]]]:
        return [(p.state, p.reasons) for p in self.said if p.work.key == f"exam/204/{number}"]


def test_everything_comes_out_once_in_order() -> None:
    bench = Bench()
    works = [work(n) for n in range(12)]
    bench.deliver(*works)
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(12)]
    assert set(bench.states().values()) == {Delivery.CLAIMED}
    assert bench.queue.most_alive == 3
    bench.deliver(*works)
    assert len(bench.queue.submitted) == 12, "a second run sends nothing"


def test_the_intent_is_durable_before_anything_is_sent() -> None:
    bench = Bench()

    def write(out: BinaryIO) -> None:
        assert bench.journal.events == [("exam/204/0", Delivery.SUBMITTING)]
        out.write(pdf(["kit 0"]))

    bench.deliver(work(0, write))
    assert bench.journal.events == [
        ("exam/204/0", Delivery.SUBMITTING),
        ("exam/204/0", Delivery.ACCEPTED),
        ("exam/204/0", Delivery.PRINTING),
        ("exam/204/0", Delivery.CLAIMED),
    ]


def test_the_attempt_says_what_and_nothing_more() -> None:
    bench = Bench()
    bench.deliver(work(0))
    (job,) = bench.queue.submitted
    entry = bench.journal.latest()["exam/204/0"]
    assert entry.attempt == Attempt(job.name, "exam/204/0", "fake", 1, ("kit 0",))
    assert entry.reference == f"urn:uuid:{job.name}"
    assert len(job.name) == 16
    int(job.name, 16)


@pytest.mark.parametrize("loses_nothing", [False, True])
def test_killed_at_any_event_no_work_comes_out_twice(loses_nothing: bool) -> None:
    """The process dies right after each of the journal's events, then runs again without harm."""
    works = [work(n) for n in range(3)]
    for crash_after in itertools.count():
        bench = Bench(loses_nothing=loses_nothing)
        bench.journal.crash_after = crash_after
        try:
            bench.deliver(*works)
        except Crash:
            crashed = True
        else:
            crashed = False
        bench.journal.crash_after = None
        bench.deliver(*works)
        printed = bench.queue.delivered
        assert len(printed) == len(set(printed))
        for number, (key, state) in enumerate(bench.states().items()):
            assert key == f"exam/204/{number}"
            assert state in {Delivery.CLAIMED, Delivery.UNKNOWN}
            assert ((f"kit {number}",) in printed) is (state is Delivery.CLAIMED)
        if loses_nothing:
            assert len(printed) == 3
        if not crashed:
            break
    assert crash_after == 12


def test_a_job_accepted_unheard_is_adopted() -> None:
    """The process died between the server's taking the job and its hearing so."""
    bench = Bench()
    bench.journal.intend(Attempt("0123", "exam/204/0", "fake", 1))
    bench.queue.accept(Job("0123", "0.pdf", 1, writer(["kit 0"])), pdf(["kit 0"]), 0)
    bench.deliver(work(0))
    assert bench.queue.submitted == []
    assert bench.queue.delivered == [("kit 0",)]
    assert bench.journal.latest()["exam/204/0"].reference == "urn:uuid:0123"


def test_a_half_sent_job_is_cancelled_and_sent_again_in_the_same_run() -> None:
    bench = Bench()
    bench.journal.intend(Attempt("0123", "exam/204/0", "fake", 1))
    bench.queue.scripts[0] = [JobReport(JobState.HELD, ("job-incoming",), began=False)]
    bench.queue.accept(Job("0123", "0.pdf", 1, writer(["kit 0"])), pdf(["kit 0"]), 0)
    del bench.queue.scripts[0]
    bench.deliver(work(0))
    assert bench.queue.delivered == [("kit 0",)]
    assert bench.states() == {"exam/204/0": Delivery.CLAIMED}


def test_what_nobody_can_know_is_never_sent_again() -> None:
    bench = Bench()
    bench.journal.intend(Attempt("0123", "exam/204/0", "fake", 1))
    bench.deliver(work(0), work(1))
    assert bench.told(0) == [(Delivery.UNKNOWN, ("vpr-not-found",))]
    assert bench.queue.delivered == [("kit 1",)]
    bench.said.clear()
    bench.deliver(work(0), work(1))
    assert bench.told(0) == [(Delivery.UNKNOWN, ("vpr-not-found",))]
    assert len(bench.queue.submitted) == 1
    bench.journal.advance("0123", Delivery.NOT_PRINTED_SAYS_PERSON)
    bench.deliver(work(0), work(1))
    assert bench.queue.delivered == [("kit 1",), ("kit 0",)]


def test_a_stored_file_that_is_gone_is_not_written_again() -> None:
    bench = Bench(loses_nothing=True)
    bench.journal.intend(Attempt("0123", "exam/204/0", "fake", 1))
    bench.journal.advance("0123", Delivery.ACCEPTED, reference="urn:uuid:0123")
    bench.deliver(work(0))
    assert bench.told(0) == [(Delivery.UNKNOWN, ("vpr-not-found",))]


def test_a_job_open_at_another_queue_is_left_alone() -> None:
    bench = Bench()
    bench.journal.intend(Attempt("0123", "exam/204/0", "old printer", 1))
    bench.deliver(work(0))
    assert bench.told(0) == [(Delivery.SUBMITTING, ("vpr-other-queue",))]
    assert bench.states() == {"exam/204/0": Delivery.SUBMITTING}


def test_an_unreachable_queue_stops_the_sending_after_what_is_in_flight() -> None:
    bench = Bench()
    bench.queue.submit_fails[2] = QueueUnreachable("away")
    with pytest.raises(QueueUnreachable):
        bench.deliver(*(work(n) for n in range(5)))
    assert bench.queue.delivered == [("kit 0",), ("kit 1",)]
    assert list(bench.states().values()) == [Delivery.CLAIMED, Delivery.CLAIMED, Delivery.FAILED]
    bench.queue.submit_fails.clear()
    bench.deliver(*(work(n) for n in range(5)))
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(5)]


def test_a_refusing_queue_gets_nothing_and_no_attempt_is_noted() -> None:
    bench = Bench()
    bench.queue.check_fails = OptionRefused("no A4")
    with pytest.raises(OptionRefused):
        bench.deliver(work(0))
    assert bench.queue.submitted == []
    assert bench.journal.events == []


def test_a_document_that_cannot_be_written_is_failed_and_said() -> None:
    def write(out: BinaryIO) -> None:
        out.write(b"%PDF")
        raise ZeroDivisionError

    bench = Bench()
    with pytest.raises(ZeroDivisionError):
        bench.deliver(work(0), work(1, write), work(2))
    assert bench.states() == {"exam/204/0": Delivery.CLAIMED, "exam/204/1": Delivery.FAILED}


@pytest.mark.parametrize("accepted", [True, False])
def test_an_uncertain_hand_over_is_looked_up_at_once(accepted: bool) -> None:
    bench = Bench()
    bench.queue.submit_fails[0] = SubmitUncertain("broke")
    if accepted:

        def write(out: BinaryIO) -> None:
            name = next(iter(bench.journal.latest().values())).attempt.id
            bench.queue.accept(Job(name, "0.pdf", 1, writer(["kit 0"])), pdf(["kit 0"]), 0)
            out.write(pdf(["kit 0"]))

        bench.deliver(work(0, write), work(1))
    else:
        bench.deliver(work(0), work(1))
    assert list(bench.states().values()) == [
        Delivery.CLAIMED if accepted else Delivery.UNKNOWN,
        Delivery.CLAIMED,
    ]
    assert len(bench.queue.submitted) == 2


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (JobReport(JobState.CANCELLED, ("job-canceled-by-user",), began=False), Delivery.FAILED),
        (JobReport(JobState.CANCELLED, ("job-canceled-at-device",)), Delivery.UNKNOWN),
        (JobReport(JobState.FAILED, ("aborted-by-system",)), Delivery.UNKNOWN),
        (JobReport(JobState.FAILED, ("aborted-by-system",), began=False), Delivery.FAILED),
        (JobReport(JobState.UNKNOWN, ("cups-ipp-missing-job-history",)), Delivery.UNKNOWN),
        (JobReport(JobState.STORED), Delivery.STORED),
    ],
)
def test_only_what_surely_never_began_may_be_sent_again(report: JobReport, state: Delivery) -> None:
    bench = Bench()
    bench.queue.scripts[0] = [JobReport(JobState.PENDING, began=False), report]
    bench.deliver(work(0))
    entry = bench.journal.latest()["exam/204/0"]
    assert (entry.state, entry.reasons) == (state, report.reasons)


def test_reasons_are_told_when_they_change() -> None:
    bench = Bench()
    jam = JobReport(JobState.PRINTING, ("media-jam-error",))
    bench.queue.scripts[0] = [JobReport(JobState.PRINTING), jam, jam, JobReport(JobState.PRINTING), END]
    bench.deliver(work(0))
    assert bench.told(0) == [
        (Delivery.SUBMITTING, ()),
        (Delivery.ACCEPTED, ()),
        (Delivery.PRINTING, ()),
        (Delivery.PRINTING, ("media-jam-error",)),
        (Delivery.PRINTING, ()),
        (Delivery.CLAIMED, ()),
    ]
    assert len(bench.journal.events) == 4


def test_a_server_away_for_a_moment_is_waited_for_and_later_left_to_the_next_run() -> None:
    bench = Bench()
    away_until = 20.0

    def report() -> None:
        if bench.clock < away_until:
            raise QueueUnreachable("away")

    bench.queue.on_report = report
    bench.deliver(work(0))
    assert bench.told(0)[2] == (Delivery.ACCEPTED, ("vpr-server-silent",))
    assert bench.states() == {"exam/204/0": Delivery.CLAIMED}
    away_until = 10_000
    with pytest.raises(QueueUnreachable):
        bench.deliver(work(1))
    assert bench.clock == pytest.approx(20 + PATIENCE, abs=2)
    assert bench.states()["exam/204/1"] is Delivery.ACCEPTED
    away_until = 0
    bench.deliver(work(1))
    assert bench.queue.delivered == [("kit 0",), ("kit 1",)]


def test_ctrl_c_sends_no_more_and_follows_what_is_in_flight() -> None:
    bench = Bench(in_flight=2)
    struck = iter([True])

    def interrupt() -> None:
        if next(struck, False):
            raise KeyboardInterrupt

    bench.at_wait = interrupt
    with pytest.raises(KeyboardInterrupt):
        bench.deliver(*(work(n) for n in range(5)))
    assert bench.queue.delivered == [("kit 0",), ("kit 1",)]
    assert set(bench.states().values()) == {Delivery.CLAIMED}


def test_ctrl_c_in_the_middle_of_a_hand_over_leaves_nothing_unlooked() -> None:
    bench = Bench()

    def write(out: BinaryIO) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.deliver(work(0), work(1, write), work(2))
    assert bench.states() == {"exam/204/0": Delivery.CLAIMED, "exam/204/1": Delivery.UNKNOWN}


def test_stop_lets_what_is_in_flight_end() -> None:
    bench = Bench(in_flight=1)
    dispatcher = bench.dispatcher()
    bench.at_wait = dispatcher.stop
    dispatcher.deliver([work(0), work(1)], bench.said.append)
    assert bench.queue.delivered == [("kit 0",)]


JAM = JobReport(JobState.PRINTING, ("media-jam-error",))
WAITING = JobReport(JobState.PENDING, ("media-jam-error",), began=False)


def test_work_is_pulled_only_when_the_printer_will_soon_need_it() -> None:
    bench = Bench(in_flight=2)
    pulled: list[int] = []
    ahead: list[int] = []

    def works() -> Iterator[Work]:
        for number in range(8):
            pulled.append(number)
            yield work(number)

    def note() -> None:
        ahead.append(len(pulled) - len(bench.queue.delivered))

    bench.at_wait = note
    bench.dispatcher().deliver(works(), bench.said.append)
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(8)]
    assert max(ahead) == 3, "two at the printer, one ready"


def test_the_next_document_lies_ready_before_the_printer_needs_it() -> None:
    bench = Bench(in_flight=1)
    made_while_flying: list[bool] = []

    def noting(number: int) -> Callable[[BinaryIO], None]:
        def write(out: BinaryIO) -> None:
            made_while_flying.append(any(not job.last.state.ended for job in bench.queue.jobs.values()))
            out.write(pdf([f"kit {number}"]))

        return write

    bench.deliver(*(work(n, noting(n)) for n in range(4)))
    assert made_while_flying == [False, True, True, True]
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(4)]


def test_a_printer_that_needs_a_person_gets_no_more_and_then_goes_on_by_itself() -> None:
    bench = Bench(in_flight=2)
    bench.queue.scripts[1] = [JAM] * 20 + [END]
    dispatcher = bench.dispatcher()
    stood: list[int] = []

    def note() -> None:
        if dispatcher.standstill is not None:
            assert dispatcher.standstill.reasons == ("media-jam-error",)
            stood.append(len(bench.queue.submitted))

    bench.at_wait = note
    dispatcher.deliver([work(n) for n in range(6)], bench.said.append)
    assert len(stood) > 15
    assert len(set(stood)) == 1, "nothing is sent while it stands still"
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(6)]
    assert dispatcher.standstill is None


def test_a_warning_stops_nothing() -> None:
    bench = Bench(in_flight=1)
    bench.queue.scripts[0] = [JobReport(JobState.PRINTING, ("toner-low-warning",)), END]
    dispatcher = bench.dispatcher()
    dispatcher.deliver([work(0), work(1)], bench.said.append)
    assert bench.queue.delivered == [("kit 0",), ("kit 1",)]


def test_what_never_began_is_taken_back_and_what_may_have_printed_is_not() -> None:
    bench = Bench(in_flight=3)
    bench.queue.scripts = {0: [JAM], 1: [WAITING], 2: [WAITING]}
    feed = Listed([work(n) for n in range(5)])
    dispatcher = bench.dispatcher()
    back: list[str] = []

    class Feed(Listed):
        def back(self, works: Sequence[Work]) -> None:
            back.extend(one.key for one in works)

        def next(self) -> Work | None:
            return None if back else feed.next()

        def exhausted(self) -> bool:
            return bool(back)

    def at_wait() -> None:
        if bench.clock == 5:
            dispatcher.withdraw()
        if bench.clock == 10:
            bench.queue.jobs[bench.queue.submitted[0].name].script = [END]

    bench.at_wait = at_wait
    dispatcher.serve(Feed([]), bench.said.append)
    assert back == ["exam/204/1", "exam/204/2"], "the printer stood still before a fourth was pulled"
    assert bench.queue.delivered == [("kit 0",)]
    assert bench.states() == {
        "exam/204/0": Delivery.CLAIMED,
        "exam/204/1": Delivery.FAILED,
        "exam/204/2": Delivery.FAILED,
    }


def test_a_closed_queue_is_waited_for_and_nothing_is_pulled_meanwhile() -> None:
    bench = Bench(in_flight=1)
    bench.queue.check_fails = QueueClosed("paused")
    dispatcher = bench.dispatcher()
    reasons: set[tuple[str, ...]] = set()

    def at_wait() -> None:
        if dispatcher.standstill is not None:
            reasons.add(dispatcher.standstill.reasons)
        if bench.clock > 30:
            bench.queue.check_fails = None

    bench.at_wait = at_wait
    dispatcher.deliver([work(0), work(1)], bench.said.append)
    assert reasons == {("paused",)}
    assert bench.queue.delivered == [("kit 0",), ("kit 1",)]


def test_a_queue_that_stays_closed_is_left_to_the_next_run() -> None:
    bench = Bench()
    bench.queue.check_fails = QueueClosed("paused")
    with pytest.raises(QueueClosed):
        bench.deliver(work(0))
    assert bench.clock == pytest.approx(PATIENCE, abs=1)
    assert bench.journal.events == []


def held(number: int) -> Work:
    return replace(work(number), options=PrintOptions(hold=True))


def test_held_jobs_are_all_handed_over_and_neither_followed_nor_sent_again() -> None:
    bench = Bench(in_flight=2)
    bench.deliver(*(held(n) for n in range(5)))
    assert bench.queue.delivered == []
    assert all(entry.held for entry in bench.journal.latest().values())
    bench.deliver(*(work(n) for n in range(5)))
    bench.dispatcher().follow([work(n) for n in range(5)], bench.said.append)
    assert bench.told(0)[-1] == (Delivery.ACCEPTED, (HELD,))
    assert len(bench.queue.submitted) == 5
    assert bench.queue.delivered == []


def test_held_jobs_are_let_go_in_order_few_at_a_time_and_followed() -> None:
    bench = Bench(in_flight=2)
    bench.deliver(*(held(n) for n in range(6)))
    bench.dispatcher().serve(Listed([work(n) for n in range(6)]), bench.said.append, release=True)
    assert bench.queue.delivered == [(f"kit {n}",) for n in range(6)]
    assert bench.queue.most_alive == 2
    assert len(bench.queue.submitted) == 6
    assert set(bench.states().values()) == {Delivery.CLAIMED}


def test_a_held_job_that_somebody_let_go_is_followed_to_its_end() -> None:
    bench = Bench()
    bench.deliver(held(0))
    (entry,) = bench.journal.latest().values()
    bench.queue.release(JobHandle(entry.attempt.id, entry.reference))
    bench.dispatcher().follow([work(0)], bench.said.append)
    assert bench.states() == {"exam/204/0": Delivery.CLAIMED}


@pytest.mark.parametrize("crash_after", range(12))
def test_killed_while_holding_or_letting_go_nothing_is_lost_or_comes_twice(crash_after: int) -> None:
    bench = Bench(in_flight=2)
    works = [held(n) for n in range(2)]

    def morning() -> None:
        bench.deliver(*works)
        bench.dispatcher().serve(Listed(works), bench.said.append, release=True)

    bench.journal.crash_after = crash_after
    with contextlib.suppress(Crash):
        morning()
    bench.journal.crash_after = None
    morning()
    for number, state in enumerate(bench.states().values()):
        printed = bench.queue.delivered.count((f"kit {number}",))
        assert (state, printed) in {(Delivery.CLAIMED, 1), (Delivery.UNKNOWN, 0)}


def test_the_fake_ends_a_job_at_the_second_look() -> None:
    queue = FakeQueue()
    handle = queue.submit(Job("a", "a.pdf", 1, writer(["x"])))
    assert [queue.report(handle).state for _ in range(3)] == [
        JobState.PRINTING,
        JobState.CLAIMED,
        JobState.CLAIMED,
    ]
    assert queue.report(JobHandle("b", "")).state is JobState.UNKNOWN
